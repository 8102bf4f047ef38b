import { RedirectError } from "../errors.js";
import { BpfError } from "../kernel/bpf-maps.js";
import type { BpfLink, BpfProgram, Hook } from "../kernel/bpf-programs.js";
import type { Kernel } from "../kernel/kernel.js";
import { HOOKS, PROXY_HOOK } from "../layout/pins.js";
import { linksFolder } from "./pinned.js";

/** A program that is to be on a hook of a cgroup. */
export interface WantedLink {
  readonly hook: Hook;
  readonly cgroup: { readonly id: bigint; readonly path: string };
  /** Its pin. */
  readonly path: string;
}

/** The links of a redirect. What carries original destinations comes first, what redirects last. */
export function wantedLinks(
  pins: string,
  cgroup: WantedLink["cgroup"],
  proxyCgroups: readonly WantedLink["cgroup"][],
): WantedLink[] {
  const proxies = proxyCgroups.length > 0 ? proxyCgroups : [cgroup];
  const folder = linksFolder(pins);
  return [
    ...proxies.map((proxy) => ({
      hook: PROXY_HOOK,
      cgroup: proxy,
      path: `${folder}/${PROXY_HOOK.program}-${proxy.id}`,
    })),
    ...[...HOOKS].reverse().map((hook) => ({ hook, cgroup, path: `${folder}/${hook.program}` })),
  ];
}

/** Whether all links are there, of programs that use these maps. */
export function areLinked(kernel: Kernel, links: readonly WantedLink[], maps: ReadonlySet<number>): boolean {
  return links.every((wanted) => {
    const link = kernel.programs.openLink(wanted.path);
    if (link === undefined) return false;
    try {
      return fits(link, wanted) && usesOnly(kernel.programs.program(link.program), maps);
    } finally {
      kernel.programs.closeLink(link);
    }
  });
}

const fits = (link: BpfLink, { hook, cgroup }: WantedLink): boolean =>
  link.cgroup === cgroup.id && link.attachType === hook.attachType;

const usesOnly = (program: BpfProgram | undefined, maps: ReadonlySet<number>): boolean =>
  program?.maps.every((id) => maps.has(id)) ?? false;

/**
 * Puts programs on their hooks. A link that is there gets the new program in one step; connections notice nothing.
 *
 * @throws RedirectError `hook-taken`
 */
export function link(kernel: Kernel, wanted: WantedLink, programs: ReadonlyMap<string, BpfProgram>): void {
  const program = programs.get(wanted.hook.program);
  if (program === undefined)
    throw new RedirectError("layout", `expected a program ${wanted.hook.program} in the object`);
  const old = kernel.programs.openLink(wanted.path);
  if (old !== undefined && fits(old, wanted)) {
    kernel.programs.closeLink(kernel.programs.update(old, program));
    return;
  }
  const fresh = attach(kernel, wanted, program);
  // Of another cgroup: the new one is in force already.
  if (old !== undefined) kernel.programs.closeLink(old);
  removeLink(kernel, wanted.path);
  kernel.programs.pinLink(fresh, wanted.path);
  kernel.programs.closeLink(fresh);
}

function attach(kernel: Kernel, { hook, cgroup }: WantedLink, program: BpfProgram): BpfLink {
  try {
    return kernel.programs.attach(program, cgroup.path, hook.attachType);
  } catch (error) {
    if (!(error instanceof BpfError) || (error.errno !== "EPERM" && error.errno !== "EBUSY")) throw error;
    const there = programsAbove(kernel, cgroup.path, hook.attachType);
    throw new RedirectError(
      "hook-taken",
      `expected to attach ${hook.program} to ${cgroup.path} beside others, but what is there does not allow it: ${there.join(", ") || "nothing that can be seen from here"}; attach that with BPF_F_ALLOW_MULTI (bpftool cgroup attach … multi) or by a link`,
      { path: cgroup.path, errno: error.errno, programs: there },
      { cause: error },
    );
  }
}

/** The programs on a hook of a cgroup and of those above it. */
function programsAbove(kernel: Kernel, cgroup: string, attachType: number): string[] {
  const root = kernel.places.cgroupRoot();
  const found: string[] = [];
  for (let at = cgroup; at.length >= root.length; at = at.slice(0, at.lastIndexOf("/"))) {
    for (const { name, id } of kernel.programs.attached(at, attachType)) found.push(`${name} (id ${id}) on ${at}`);
    if (at === root) break;
  }
  return found;
}

/** Other programs on the hooks that rewrite what is dialed, of the same cgroup: they are called in the order they came. */
export function otherPrograms(kernel: Kernel, links: readonly WantedLink[]): string[] {
  const names = new Set(HOOKS.map(({ program }) => program));
  return links
    .filter(({ hook }) => hook.program.startsWith("connect") || hook.program.startsWith("sendmsg"))
    .flatMap(({ hook, cgroup }) =>
      kernel.programs
        .attached(cgroup.path, hook.attachType)
        .filter(({ name }) => !names.has(name))
        .map(({ name, id }) => `${name} (id ${id}) on the ${hook.program} hook of ${cgroup.path}`),
    );
}

/** Removes links that are not wanted: of cgroups of proxies that are not any more. */
export function removeOtherLinks(kernel: Kernel, pins: string, links: readonly WantedLink[]): void {
  const folder = linksFolder(pins);
  const keep = new Set(links.map(({ path }) => path));
  for (const name of kernel.pins.list(folder)) {
    const path = `${folder}/${name}`;
    if (!keep.has(path)) removeLink(kernel, path);
  }
}

/** Takes a program off its hook, and its pin away. */
export function removeLink(kernel: Kernel, path: string): void {
  const link = kernel.programs.openLink(path);
  if (link === undefined) return;
  kernel.programs.detach(link);
  kernel.programs.closeLink(link);
  kernel.pins.remove(path);
}
