// Sets everything up and starts the tour: a control plane, a real Envoy and three servers. Arguments go to the tour:
// `npm start -- --once` ends after the last step, with exit code 0 only if every step went as expected. With `--topology`
// it is a mesh that is shown: `npm start -- --topology node`.
import { env, main, run } from "./run.mjs";

await main(async () => {
  console.log("setting up (the first time downloads what is missing, which may take some minutes)");
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  console.log("");
  // In this process, so that a signal to it ends everything.
  Object.assign(process.env, env);
  const isMesh = process.argv.some((argument) => /^--topology(=|$)/.test(argument));
  await import(`../examples/tour/dist/${isMesh ? "mesh/" : ""}main.js`);
});
