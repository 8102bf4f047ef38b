import type { Kernel } from "../kernel.js";
import { cgroupAt, cgroupsBelow } from "./cgroups.js";
import { LinuxMaps } from "./linux-maps.js";
import { linuxPins } from "./linux-pins.js";
import { LinuxPrograms } from "./linux-programs.js";
import { listeningIn } from "./listening.js";
import { cgroup2Root } from "./mounts.js";
import { netnsCookie } from "./netns.js";
import { checkRequirements } from "./requirements.js";

/** The kernel of this machine. Needs koffi, libbpf and privileges: `check` tells what is missing. */
export function linuxKernel(): Kernel {
  return {
    maps: new LinuxMaps(),
    programs: new LinuxPrograms(),
    pins: linuxPins,
    places: {
      networkNamespace: netnsCookie,
      cgroupRoot: () => cgroup2Root(),
      cgroup: (path) => cgroupAt(path),
      cgroupsBelow,
      listening: listeningIn,
    },
    check: checkRequirements,
  };
}
