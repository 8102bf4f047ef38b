import { parseArgs } from "node:util";
import { run } from "../../tests/hitless/run.js";

/** Reads the arguments, runs, and prints the result as the last line. Resolves with whether no request failed. */
export async function main(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: "string", default: "delta" },
      transitions: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      off: { type: "boolean", default: false },
      "rest-ms": { type: "string", default: "0" },
      "until-failed": { type: "boolean", default: false },
      kind: { type: "string", multiple: true },
    },
  });
  const { mode } = values;
  if (mode !== "delta" && mode !== "sotw") throw new Error("--mode is delta or sotw");
  const report = await run({
    mode,
    transitions: whole("--transitions", values.transitions),
    seed: whole("--seed", values.seed),
    hitless: !values.off,
    kinds: values.kind,
    restMs: whole("--rest-ms", values["rest-ms"], 0),
    untilFailed: values["until-failed"],
    say: (line) => console.log(line),
  });
  console.table(report.kinds);
  if (report.failed > 0) console.table(report.failures);
  console.log(JSON.stringify(report));
  return report.failed === 0;
}

function whole(option: string, text: string, least = 1): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) throw new Error(`${option} is a whole number from ${least}`);
  return number;
}
