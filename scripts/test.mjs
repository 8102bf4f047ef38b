// Set-up, build and every test, real Envoys included. Further arguments go to vitest: `npm test -- packages/core`.

import { IS_ROOT, NEEDS_ROOT } from "../tests/needs-root.mjs";
import { installGrpcio } from "./install-grpcio.mjs";
import { watchLeftovers } from "./leftovers.mjs";
import { reporters } from "./reports.mjs";
import { env, main, root, run } from "./run.mjs";

await main(async () => {
  const long = process.argv[2] === "--long";
  const args = process.argv.slice(long ? 3 : 2);
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  if (!IS_ROOT) console.log(`left out, because they need root: ${NEEDS_ROOT.join(" ")}`);
  const RXDS_GRPCIO = installGrpcio();
  const options = { env: { ...env, RXDS_GRPCIO, ...(long ? { RXDS_LONG: "1" } : {}) }, cwd: root };
  const nothingIsLeft = IS_ROOT && process.platform === "linux" ? watchLeftovers() : undefined;
  run(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...reporters(long ? "long" : "test"), ...args],
    options,
  );
  await nothingIsLeft?.();
});
