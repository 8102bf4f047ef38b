#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { RedirectError } from "../errors.js";
import { dumpRedirect, redirectStatus, verifyRedirect } from "../sink/inspect.js";
import { removeRedirect } from "../sink/remove.js";
import { type Command, parseCommand, USAGE } from "./arguments.js";
import { parsePlan } from "./plan-file.js";
import { printDump, printJson, printStatus } from "./print.js";

/** Does what is asked for; the exit code. */
async function run(command: Command): Promise<number> {
  const { name, json } = command;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (name === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (name === "status") {
    const status = await redirectStatus(command);
    say(json ? printJson(status) : printStatus(status));
    return 0;
  }
  if (name === "dump") {
    const dump = await dumpRedirect(command);
    say(json ? printJson(dump) : printDump(dump));
    return 0;
  }
  if (name === "remove") {
    const { links, maps } = removeRedirect(command);
    say(json ? printJson({ links, maps }) : `removed ${links} links and ${maps} maps`);
    return 0;
  }
  const file = command.plan ?? "-";
  const plan = parsePlan(file === "-" ? await text(process.stdin) : readFileSync(file, "utf8"));
  const differences = await verifyRedirect(plan, command);
  if (json) say(printJson({ differences }));
  else say(differences.length === 0 ? `the kernel is as plan ${plan.generation} says` : differences.join("\n"));
  return differences.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await run(parseCommand(process.argv.slice(2)));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    error instanceof RedirectError ? `rxds-ebpf: ${error.code}: ${message}\n` : `rxds-ebpf: ${message}\n`,
  );
  process.exitCode = 2;
}
