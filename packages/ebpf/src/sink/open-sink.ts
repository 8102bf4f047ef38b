import { RedirectError } from "../errors.js";
import type { BpfMap } from "../kernel/bpf-maps.js";
import type { Kernel } from "../kernel/kernel.js";
import { LAYOUT, SETTING_ACCELERATE } from "../layout/layouts.js";
import { ACCELERATION, MAP_NAMES, type MapName, type SinkMaps } from "../layout/pins.js";
import { areLinked, link, otherPrograms, removeOtherLinks, type WantedLink, wantedLinks } from "./attach.js";
import { bpfObject } from "./object.js";
import { DEFAULT_HOST_NETNS, DEFAULT_PINS, type RedirectSinkOptions } from "./options.js";
import { linksFolder, mapPin, mapsFolder, openMaps, readState, writeState } from "./pinned.js";
import { changeSettings } from "./settings.js";

/** A sink's place in the kernel, taken. */
export interface OpenSink {
  readonly pins: string;
  readonly maps: SinkMaps;
  readonly cgroup: WantedLink["cgroup"];
  readonly proxies: readonly (WantedLink["cgroup"] & { readonly level: number })[];
  readonly hostNetns: bigint;
  readonly hostNetworkNamespace: string;
  /** `"adopted"`: all was there as it should be. `"upgraded"`: programs were replaced, or what was missing was added. */
  readonly how: "created" | "adopted" | "upgraded";
  /** Other programs on the same hooks. */
  readonly others: readonly string[];
  /** Lets go of the maps and of the folder; all stays in force. */
  close(): void;
}

/**
 * Takes a place in the kernel: adopts what is pinned, adds what is missing, replaces programs of another object.
 *
 * @throws RedirectError
 */
export async function openSink(
  kernel: Kernel,
  options: Omit<RedirectSinkOptions, "plan$" | "ready$">,
): Promise<OpenSink> {
  const pins = options.pins ?? DEFAULT_PINS;
  const hostNetworkNamespace = options.hostNetworkNamespace ?? DEFAULT_HOST_NETNS;
  kernel.check();
  const cgroup = kernel.places.cgroup(options.cgroup ?? kernel.places.cgroupRoot());
  const proxies = (options.proxyCgroups ?? []).map((path) => kernel.places.cgroup(path));
  checkCovered(
    kernel,
    cgroup.path,
    proxies.map(({ path }) => path),
  );
  const hostNetns = kernel.places.networkNamespace(hostNetworkNamespace);
  for (const folder of [pins, mapsFolder(pins), linksFolder(pins)]) kernel.pins.makeFolder(folder);
  const lock = kernel.pins.lock(pins);
  let found = new Map<MapName, BpfMap>();
  try {
    const object = bpfObject(options.object);
    found = openMaps(kernel, pins);
    const links = wantedLinks(pins, cgroup, proxies);
    const whole = MAP_NAMES.every((name) => found.has(name));
    const state = found.get("state");
    const before = state === undefined ? undefined : readState(kernel, state);
    const ids = new Set([...found.values()].map(({ id }) => id));
    const isAsItShouldBe = whole && before?.object.equals(object.hash) === true && areLinked(kernel, links, ids);
    const loaded = isAsItShouldBe ? undefined : await kernel.programs.load(object, found, sizesOf(options));
    for (const [name, map] of (loaded?.maps ?? new Map()) as ReadonlyMap<MapName, BpfMap>) {
      if (!found.has(name)) kernel.maps.pin(map, mapPin(pins, name));
      found.set(name, map);
    }
    const maps = Object.fromEntries(found) as Record<MapName, BpfMap>;
    // Before any program that reads them is on its hook.
    changeSettings(kernel, maps.settings, {
      flags: options.accelerate ? SETTING_ACCELERATE : 0,
      host_netns: hostNetns,
    });
    if (loaded !== undefined) {
      const acceleration = loaded.programs.get(ACCELERATION);
      // Always there, because it does nothing to sockets that are not in the map.
      if (acceleration !== undefined) kernel.programs.attachToSockets(acceleration, maps.sockets);
      for (const wanted of links) link(kernel, wanted, loaded.programs);
      kernel.programs.unload(loaded.programs);
      const { entries, changes, plan } = readState(kernel, maps.state);
      writeState(kernel, maps.state, { layout: LAYOUT, entries, changes, plan, object: Buffer.from(object.hash) });
    }
    removeOtherLinks(kernel, pins, links);
    return {
      pins,
      maps,
      cgroup,
      proxies,
      hostNetns,
      hostNetworkNamespace,
      how: loaded === undefined ? "adopted" : before === undefined || before.layout === 0 ? "created" : "upgraded",
      others: otherPrograms(kernel, links),
      close() {
        for (const map of found.values()) kernel.maps.close(map);
        lock.release();
      },
    };
  } catch (error) {
    for (const map of found.values()) kernel.maps.close(map);
    lock.release();
    throw error;
  }
}

function sizesOf({ sizes = {} }: Pick<RedirectSinkOptions, "sizes">): Record<string, number> {
  const { workloads, services, handshakes } = sizes;
  return {
    ...(workloads === undefined ? {} : { enrolled_netns: workloads, enrolled_cgroup: workloads, groups: workloads }),
    // Names are of services, and of workloads and proxies.
    ...(services === undefined ? {} : { counters: services, names: services + 65_536 }),
    ...(handshakes === undefined ? {} : { handshakes, sockets: 2 * handshakes, replies: handshakes }),
  };
}

/** A proxy outside what the programs see accepts connections of which it never learns where they were to go. */
function checkCovered(kernel: Kernel, cgroup: string, proxies: readonly string[]): void {
  const root = kernel.places.cgroupRoot();
  for (const proxy of proxies) {
    if (cgroup === root || proxy === cgroup || proxy.startsWith(`${cgroup}/`)) continue;
    throw new RedirectError(
      "invalid",
      `expected the proxies' cgroup ${proxy} to be ${cgroup} or below it: what the programs do not cover never learns original destinations`,
      { path: proxy },
    );
  }
}
