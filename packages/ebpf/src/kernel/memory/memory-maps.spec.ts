import { describeBpfMaps } from "../../../spec-support/maps-contract.js";
import { openMachine } from "./memory-kernel.js";

describeBpfMaps("a machine in memory", async () => {
  const { process } = openMachine();
  const kernel = process();
  kernel.pins.makeFolder("/sys/fs/bpf/contract");
  const { maps } = await kernel.programs.load({ path: "none", hash: new Uint8Array(32) }, new Map(), {});
  return {
    maps: kernel.maps,
    other: () => process().maps,
    outer: maps.get("redirects")!,
    folder: "/sys/fs/bpf/contract",
    close: async () => {},
  };
});
