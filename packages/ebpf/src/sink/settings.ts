import type { BpfMap } from "../kernel/bpf-maps.js";
import type { Kernel } from "../kernel/kernel.js";
import { FIRST } from "../layout/keys.js";
import { settings } from "../layout/layouts.js";

/** What holds for all that is redirected. */
export type Settings = ReturnType<typeof settings.decode>;

/** Reads the settings. */
export function readSettings(kernel: Kernel, map: BpfMap): Settings {
  return settings.decode(kernel.maps.lookup(map, FIRST) ?? Buffer.alloc(settings.size));
}

/** Writes settings if they differ. */
export function changeSettings(kernel: Kernel, map: BpfMap, change: Partial<Settings>): void {
  const is = readSettings(kernel, map);
  const should = settings.encode({ ...is, ...change });
  if (!settings.encode(is).equals(should)) kernel.maps.update(map, FIRST, should);
}
