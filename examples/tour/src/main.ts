import { constants } from "node:os";
import { parseArgs } from "node:util";
import { untilInterrupted } from "./interrupted.js";
import { type Lab, withLab } from "./lab.js";
import { steps } from "./steps.js";
import { tell } from "./story.js";
import { createStyle } from "./style.js";

const HELP = `A control plane, a real Envoy and three servers: the configuration is changed step by step.

  --once  ends after the last step; the exit code is 0 only if every step went as expected
  --help  prints this
`;

const { values } = parseArgs({ options: { once: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
const style = createStyle(process.stdout);
const print = (text: string) => console.log(text);

const interrupted = untilInterrupted();

if (values.help) print(HELP);
else process.exitCode = await withLab(run);
// Whatever the story was waiting for when it was interrupted is of no interest any more.
process.exit();

/** Tells the story. Resolves with the exit code. */
async function run(lab: Lab): Promise<number> {
  const { version } = await lab.envoy.serverInfo();
  const { red, green, blue } = lab.addresses;
  print(style.title("rxds: a control plane, a real Envoy and three servers"));
  print("");
  print(`    xDS       ${lab.server.address}`);
  print(`    Envoy     ${version.split("/")[1]}, process ${lab.envoy.pid}, admin http://${lab.envoy.adminAddress}`);
  print(`    servers   red ${red}, green ${green}, blue ${blue}`);

  const ending = await Promise.race([tell(lab, steps, print, style), interrupted]);
  if (typeof ending === "string") {
    print(`\n${ending}: stopped before the end`);
    return 128 + constants.signals[ending];
  }
  const verdict =
    ending === 0
      ? style.good(`All ${steps.length} steps went as expected.`)
      : style.bad(`${ending} of ${steps.length} steps did not go as expected.`);
  print(`\n${verdict}`);
  if (!values.once) {
    print(`Envoy goes on serving: curl http://${await lab.envoy.listenerAddress("ingress")}/`);
    print("Ctrl-C ends everything.");
    await interrupted;
  }
  return ending === 0 ? 0 : 1;
}
