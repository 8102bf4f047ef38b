#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { type Applied, RedirectError } from "@rxds/ebpf";
import { combineLatest, distinctUntilChanged, map } from "rxjs";
import { openEbpfSink } from "../ebpf-sink.js";
import { type Agent, checkAgentOptions, runAgent } from "../run-agent.js";
import { type AgentCommand, parseAgentCommand, type TlsFiles, USAGE } from "./arguments.js";
import { statusLine } from "./status-line.js";

/** An agent holds up a whole node while it waits: it looks for its control plane more often than other clients. */
const RECONNECT = { minMs: 100, maxMs: 5000 };

type RunCommand = Extract<AgentCommand, { readonly name: "run" }>;

/** Runs an agent until a signal asks it to end. What is in force stays so. */
async function run({ node, address, insecure, tls, sink: options }: RunCommand): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  const channel = tls === undefined ? {} : { credentials: credentialsOf(tls) };
  const how = { node, address, insecure, ...channel, reconnect: RECONNECT };
  checkAgentOptions(how);
  const { redirect, sink } = await openEbpfSink(options);
  let last: Applied | undefined;
  let agent: Agent | undefined;
  try {
    // Before the agent hears of it: its status is told with what that took.
    redirect.applied$.subscribe((applied) => {
      last = applied;
    });
    const running = runAgent({ ...how, sink });
    agent = running;
    const line$ = combineLatest([running.status$, redirect.away$]).pipe(
      map(([status, away]) => statusLine(status, last, away)),
      distinctUntilChanged(),
    );
    line$.subscribe((line) => process.stdout.write(`${line}\n`));
    const ended = new Promise<never>((_, reject) => {
      running.status$.subscribe(({ sinkError }) => sinkError !== undefined && reject(sinkError));
    });
    await Promise.race([asked, ended]);
  } finally {
    await (agent ?? redirect).close();
  }
}

function credentialsOf({ ca, own }: TlsFiles): ChannelCredentials {
  const read = (file: string | undefined) => (file === undefined ? null : readFileSync(file));
  return credentials.createSsl(read(ca), read(own?.key), read(own?.cert));
}

try {
  const command = parseAgentCommand(process.argv.slice(2));
  if (command.name === "help") process.stdout.write(USAGE);
  else await run(command);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    error instanceof RedirectError ? `rxds-agent: ${error.code}: ${message}\n` : `rxds-agent: ${message}\n`,
  );
  process.exitCode = 2;
}
