import { linuxKernel } from "@rxds/ebpf";
import { describeBpfMaps } from "../../packages/ebpf/spec-support/maps-contract.js";
import { bpfFileSystem, loadPrograms } from "./support/bpffs.js";

describeBpfMaps("this machine's kernel", async () => {
  const { folder, close } = bpfFileSystem();
  try {
    const kernel = linuxKernel();
    const loaded = await loadPrograms(kernel);
    return {
      maps: kernel.maps,
      other: () => linuxKernel().maps,
      outer: loaded.maps.get("redirects")!,
      folder,
      async close() {
        kernel.programs.unload(loaded.programs);
        for (const map of loaded.maps.values()) kernel.maps.close(map);
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
});
