import { eventually } from "../eventually.js";
import type { WaitOptions } from "./admin.js";
import type { Exit } from "./keeper.js";
import type { Envoy } from "./start-envoy.js";

/**
 * Ends an Envoy as soon as it carries nothing: asks it to drain (`Connection: close`, GOAWAY), waits until none of its listeners
 * has a connection, and stops it. Whoever calls has made sure that no new connections go there.
 *
 * @throws TestkitError `deadline` with what is still open; the Envoy runs on then. Default deadline: 20000 ms.
 */
export async function retireEnvoy(envoy: Envoy, { deadlineMs = 20_000 }: WaitOptions = {}): Promise<Exit> {
  await envoy.admin("/drain_listeners?graceful&skip_exit", { method: "POST" });
  await eventually(
    async () => {
      const open = await envoy.stats("^listener\\..*downstream_cx_active$");
      const busy = [...open].filter(([name, count]) => count > 0 && !name.startsWith("listener.admin"));
      if (busy.length > 0) throw new Error(`still open: ${busy.map((one) => one.join("=")).join(", ")}`);
    },
    { deadlineMs, describe: "the Envoy carries nothing" },
  );
  return envoy.stop();
}
