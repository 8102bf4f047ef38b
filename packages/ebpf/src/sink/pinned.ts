import { RedirectError } from "../errors.js";
import type { BpfMap } from "../kernel/bpf-maps.js";
import type { Kernel } from "../kernel/kernel.js";
import { FIRST } from "../layout/keys.js";
import { LAYOUT, sinkState } from "../layout/layouts.js";
import { MAP_NAMES, MAPS, type MapName } from "../layout/pins.js";
import { textOf } from "./ids.js";

/** Where each pin is below the folder. */
export const mapsFolder = (pins: string): string => `${pins}/maps`;
export const linksFolder = (pins: string): string => `${pins}/links`;
export const mapPin = (pins: string, name: MapName): string => `${mapsFolder(pins)}/${name}`;

/** What user space keeps in the kernel. */
export interface SinkState {
  readonly layout: number;
  readonly entries: number;
  readonly changes: bigint;
  readonly object: Buffer;
  readonly plan: string;
}

/** @returns the state; its layout is 0 when no start was ever finished */
export function readState(kernel: Kernel, map: BpfMap): SinkState {
  const value = kernel.maps.lookup(map, FIRST) ?? Buffer.alloc(sinkState.size);
  const { layout, entries, changes, object, plan } = sinkState.decode(value);
  return { layout, entries, changes, object: Buffer.from(object), plan: textOf(Buffer.from(plan)) };
}

/** Keeps the state. Plans' generations that are longer than 63 bytes are cut. */
export function writeState(kernel: Kernel, map: BpfMap, state: SinkState): void {
  const plan = Buffer.from(state.plan).subarray(0, 63);
  kernel.maps.update(map, FIRST, sinkState.encode({ ...state, plan }));
}

/**
 * Opens the maps that are pinned.
 *
 * @throws RedirectError `layout` for pins of another version of this package: nothing is touched then
 */
export function openMaps(kernel: Kernel, pins: string): Map<MapName, BpfMap> {
  const found = new Map<MapName, BpfMap>();
  const state = kernel.maps.open(mapPin(pins, "state"));
  if (state !== undefined) {
    // The layout's number is the first word in every version.
    const layout = state.valueSize >= 4 ? (kernel.maps.lookup(state, FIRST)?.readUInt32LE() ?? 0) : 0;
    if (layout !== 0 && layout !== LAYOUT) {
      kernel.maps.close(state);
      throw unknownLayout(pins, `they are of layout ${layout}`);
    }
    found.set("state", state);
  }
  for (const name of MAP_NAMES) {
    const map = found.get(name) ?? kernel.maps.open(mapPin(pins, name));
    if (map === undefined) continue;
    found.set(name, map);
    const expected = MAPS[name];
    const [is, should] = [map, expected].map((m) => [m.type, m.keySize, m.valueSize, m.flags].join(" "));
    if (is === should) continue;
    for (const other of found.values()) kernel.maps.close(other);
    throw unknownLayout(pins, `map ${name} has type, key, value and flags ${is} instead of ${should}`);
  }
  return found;
}

function unknownLayout(pins: string, how: string): RedirectError {
  return new RedirectError(
    "layout",
    `expected pins of layout ${LAYOUT} in ${pins}: ${how}; remove them with the version that made them (rxds-ebpf remove --pins ${pins})`,
    { path: pins },
  );
}
