import type { RedirectPlan } from "@rxds/mesh/plan";
import { RedirectError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { linuxKernel } from "../kernel/linux/linux-kernel.js";
import { addressText } from "../layout/address.js";
import { GROUP_AWAY, GROUP_PASS, LAYOUT, redirectKey, redirectTo, SETTING_ACCELERATE } from "../layout/layouts.js";
import type { SinkMaps } from "../layout/pins.js";
import { readCounters, type ServiceCounters } from "./counters.js";
import { named } from "./counters-feed.js";
import { Enrolments, wantedEnrolments } from "./enrolments.js";
import { Names } from "./ids.js";
import { DEFAULT_HOST_NETNS, DEFAULT_PINS, type PlaceOptions } from "./options.js";
import { linksFolder, openMaps, readState } from "./pinned.js";
import { readSettings } from "./settings.js";
import { Table } from "./table.js";
import { EntryEncoder, tableChange } from "./target.js";

/** A redirect as it is in the kernel. */
export interface KernelEntry {
  /** The proxy of the callers. */
  readonly proxy: string;
  /** What is dialed. */
  readonly protocol: "tcp" | "udp";
  /** The address that is dialed. */
  readonly address: string;
  /** The port that is dialed. */
  readonly port: number;
  /** `"namespace/name"`. */
  readonly service: string;
  /** Where it goes instead. */
  readonly to: { readonly address: string; readonly port: number };
}

/** An enrolment as it is in the kernel. */
export interface KernelEnrolment {
  /** `"namespace/name"`; the cookie or id where no name is known. */
  readonly workload: string;
  /** The proxy that its connections go to. */
  readonly proxy: string;
  /** What tells its connections. */
  readonly by: "networkNamespace" | "cgroup";
  /** The cookie of the network namespace, or the id of the cgroup. */
  readonly id: bigint;
}

/** A program on a hook. */
export interface KernelLink {
  /** Its pin's name. */
  readonly name: string;
  /** The kernel's number for the link. */
  readonly link: number;
  /** The kernel's number for the program. */
  readonly program: number;
  /** A hash of the program's instructions. */
  readonly tag: string;
  /** The id of the cgroup. */
  readonly cgroup: bigint;
}

/** What is in the kernel. */
export interface RedirectStatus {
  /** The folder of the pins. */
  readonly pins: string;
  /** The generation of the plan that was written last. */
  readonly plan: string;
  /** How often the table of redirects, or who is enrolled, was changed. */
  readonly changes: bigint;
  /** SHA-256 of the object that the programs are from. */
  readonly object: string;
  /** Whether bytes pass by TCP. */
  readonly accelerates: boolean;
  /** The programs on their hooks. */
  readonly links: readonly KernelLink[];
  /** How many redirects. */
  readonly entries: number;
  /** How many enrolments. */
  readonly workloads: number;
  /** Proxies that do not answer, and what becomes of connections meanwhile. */
  readonly away: readonly { readonly proxy: string; readonly meanwhile: "refuse" | "pass" }[];
  /** Of each service. */
  readonly counters: readonly ServiceCounters[];
}

/** All that is redirected. */
export interface RedirectDump {
  /** Sorted by proxy, address, protocol and port. */
  readonly entries: readonly KernelEntry[];
  /** Sorted by workload. */
  readonly enrolments: readonly KernelEnrolment[];
}

/** Where to look. */
export type InspectOptions = Pick<PlaceOptions, "pins" | "hostNetworkNamespace"> & {
  /** Default: this machine's. */
  readonly kernel?: Kernel;
};

/** What is in the kernel, beside whatever works there. @throws RedirectError `missing` if nothing is pinned */
export async function redirectStatus(options: InspectOptions = {}): Promise<RedirectStatus> {
  return looking(options, async ({ kernel, pins, maps, names }) => {
    const state = readState(kernel, maps.state);
    const table = await tableOf(kernel, maps);
    const { byNetns, byCgroup } = await enrolmentsOf(kernel, maps);
    const groups = await kernel.maps.dump(maps.groups);
    return {
      pins,
      plan: state.plan,
      changes: state.changes,
      object: state.object.toString("hex"),
      accelerates: (readSettings(kernel, maps.settings).flags & SETTING_ACCELERATE) !== 0,
      links: linksOf(kernel, pins),
      entries: table.size,
      workloads: byNetns.size + byCgroup.size,
      away: Array.from({ length: groups.count }, (_, i) => {
        const flags = groups.values.readUInt32LE(4 * i);
        const proxy = names.name("proxy", groups.keys.readUInt32LE(4 * i)) ?? "?";
        return { proxy, meanwhile: flags & GROUP_PASS ? ("pass" as const) : ("refuse" as const), flags };
      })
        .filter(({ flags }) => flags & GROUP_AWAY)
        .map(({ proxy, meanwhile }) => ({ proxy, meanwhile })),
      counters: named(await readCounters(kernel.maps, maps.counters), names),
    };
  });
}

/** All that is redirected, sorted. @throws RedirectError `missing` if nothing is pinned */
export async function dumpRedirect(options: InspectOptions = {}): Promise<RedirectDump> {
  return looking(options, async ({ kernel, maps, names }) => {
    const table = await tableOf(kernel, maps);
    const entries = [...table].map(([key, value]) => entryOf(key, value, names));
    const { byNetns, byCgroup } = await enrolmentsOf(kernel, maps);
    const enrolments = [
      ...[...byNetns].map(([id, group]) => ({ by: "networkNamespace" as const, id, group })),
      ...[...byCgroup].map(([id, group]) => ({ by: "cgroup" as const, id, group })),
    ].map(({ by, id, group }) => ({
      workload: names.name(by, id) ?? String(id),
      proxy: names.name("proxy", group) ?? `#${group}`,
      by,
      id,
    }));
    const text = (entry: KernelEntry) => [entry.proxy, entry.address, entry.protocol, entry.port].join(" ");
    return {
      entries: entries.sort((a, b) => (text(a) < text(b) ? -1 : 1)),
      enrolments: enrolments.sort((a, b) => (a.workload < b.workload ? -1 : 1)),
    };
  });
}

/**
 * Compares what is in the kernel with a plan.
 *
 * @returns a line for each difference; none if the plan is in force
 * @throws RedirectError `missing` if nothing is pinned
 */
export async function verifyRedirect(plan: RedirectPlan, options: InspectOptions = {}): Promise<string[]> {
  return looking(options, async ({ kernel, pins, maps, names }) => {
    const found: string[] = [];
    const links = new Set(linksOf(kernel, pins).map(({ name }) => name.replace(/-\d+$/, "")));
    for (const hook of ["connect4", "connect6", "tcp_events", "getsockopt"]) {
      if (!links.has(hook)) found.push(`no program is on the ${hook} hook`);
    }
    // What has no id yet is not in the kernel: any number that is not taken stands for it.
    const ids = new Names({ ...readOnly(kernel), writes: 0 }, maps.names);
    await ids.read();
    const table = await tableOf(kernel, maps);
    const wanted = await new EntryEncoder(ids).wanted(plan, table, undefined);
    const { upserts, removals } = await tableChange(table, wanted.entries);
    for (const [key, value] of upserts) {
      const is = table.get(key);
      const should = describe(entryOf(key, value, ids));
      found.push(
        is === undefined ? `missing: ${should}` : `differs: ${describe(entryOf(key, is, names))}, expected ${should}`,
      );
    }
    for (const key of removals) found.push(`not in the plan: ${describe(entryOf(key, table.get(key) ?? "", names))}`);
    found.push(...wanted.problems.map(({ message }) => `cannot be: ${message}`));
    const host = kernel.places.networkNamespace(options.hostNetworkNamespace ?? DEFAULT_HOST_NETNS);
    const enrolments = await wantedEnrolments(plan, kernel.places, ids, host);
    const is = await enrolmentsOf(kernel, maps);
    for (const [by, there, should] of [
      ["networkNamespace", is.byNetns, enrolments.byNetns],
      ["cgroup", is.byCgroup, enrolments.byCgroup],
    ] as const) {
      const who = (id: bigint) =>
        enrolments.owners.find((owner) => owner.kind === by && owner.id === id)?.workload ??
        names.name(by, id) ??
        String(id);
      for (const [id, group] of should) {
        if (there.get(id) !== group) found.push(`not enrolled for ${ids.name("proxy", group)}: ${who(id)}`);
      }
      for (const id of there.keys()) if (!should.has(id)) found.push(`enrolled, but not in the plan: ${who(id)}`);
    }
    found.push(...enrolments.problems.map(({ message }) => `cannot be enrolled: ${message}`));
    return found;
  });
}

/** One line for a redirect. */
export function describe({ proxy, protocol, address, port, service, to }: KernelEntry): string {
  const at = (host: string, p: number) => (host.includes(":") ? `[${host}]:${p}` : `${host}:${p}`);
  return `${protocol} ${at(address, port)} (${service}) to ${at(to.address, to.port)} (${proxy})`;
}

interface Looking {
  readonly kernel: Kernel;
  readonly pins: string;
  readonly maps: SinkMaps;
  readonly names: Names;
}

async function looking<T>(options: InspectOptions, look: (at: Looking) => Promise<T>): Promise<T> {
  const kernel = options.kernel ?? linuxKernel();
  const pins = options.pins ?? DEFAULT_PINS;
  kernel.check();
  const maps = openMaps(kernel, pins);
  try {
    const state = maps.get("state");
    if (state === undefined || readState(kernel, state).layout !== LAYOUT) {
      throw new RedirectError("missing", `expected a redirect pinned in ${pins}: there is none`, { path: pins });
    }
    const all = Object.fromEntries(maps) as unknown as SinkMaps;
    const names = new Names(kernel.maps, all.names);
    await names.read();
    return await look({ kernel, pins, maps: all, names });
  } finally {
    for (const map of maps.values()) kernel.maps.close(map);
  }
}

async function tableOf(kernel: Kernel, maps: SinkMaps): Promise<ReadonlyMap<string, string>> {
  const table = new Table(kernel.maps, maps.redirects, { capacity: 0, inPlace: 0 });
  await table.read();
  table.close();
  return table.entries;
}

async function enrolmentsOf(kernel: Kernel, maps: SinkMaps) {
  const byNetns = new Enrolments(kernel.maps, maps.enrolled_netns, "networkNamespace");
  const byCgroup = new Enrolments(kernel.maps, maps.enrolled_cgroup, "cgroup");
  await byNetns.read();
  await byCgroup.read();
  return { byNetns: byNetns.groups, byCgroup: byCgroup.groups };
}

function entryOf(key: string, value: string, names: Names): KernelEntry {
  const { addr, port, protocol, group } = redirectKey.decode(Buffer.from(key, "latin1"));
  const to = redirectTo.decode(Buffer.from(value.padEnd(redirectTo.size, "\0"), "latin1"));
  return {
    proxy: names.name("proxy", group) ?? `#${group}`,
    protocol: protocol === 17 ? "udp" : "tcp",
    address: addressText(addr),
    port,
    service: names.name("service", to.service) ?? `#${to.service}`,
    to: { address: addressText(to.addr), port: to.port },
  };
}

function linksOf(kernel: Kernel, pins: string): KernelLink[] {
  const folder = linksFolder(pins);
  return [...kernel.pins.list(folder)].sort().flatMap((name) => {
    const link = kernel.programs.openLink(`${folder}/${name}`);
    if (link === undefined) return [];
    const { id, program, cgroup } = link;
    kernel.programs.closeLink(link);
    return [{ name, link: id, program, tag: kernel.programs.program(program)?.tag ?? "", cgroup }];
  });
}

/** Maps that take writes and forget them: who only looks gives ids to what has none, and tells nobody. */
function readOnly({ maps }: Kernel) {
  return {
    create: maps.create.bind(maps),
    lookup: maps.lookup.bind(maps),
    update() {},
    delete: () => false,
    updateMany: async () => {},
    dump: maps.dump.bind(maps),
    freeze() {},
    setInner: async () => {},
    inner: maps.inner.bind(maps),
    pin() {},
    open: maps.open.bind(maps),
    close: maps.close.bind(maps),
  };
}
