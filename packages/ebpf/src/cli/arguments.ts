import { parseArgs } from "node:util";

/** What `rxds-ebpf` is to do. */
export interface Command {
  readonly name: "status" | "dump" | "verify" | "remove" | "help";
  readonly pins?: string;
  readonly hostNetworkNamespace?: string;
  /** Of `verify`: the file with the plan; `-` for standard input. */
  readonly plan?: string;
  readonly json: boolean;
}

/** How it is used. */
export const USAGE = `usage: rxds-ebpf COMMAND [options]

  status           programs, links, generation, entries and counters of each service
  dump             all redirects, and who is enrolled
  verify PLAN      compare the kernel with a redirect plan (a JSON file, - for standard input); exit code 1 if they differ
  remove           end the redirect: remove programs, links and maps

options:
  --pins DIR       folder of the pins (default: /sys/fs/bpf/rxds)
  --host-netns F   the node's own network namespace, for verify (default: /proc/self/ns/net)
  --json           print JSON
`;

const NAMES = ["status", "dump", "verify", "remove", "help"] as const;

/** Reads arguments. @throws Error that says what was expected */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pins: { type: "string" },
      "host-netns": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [given = "help", plan, ...more] = positionals;
  const name = values.help ? "help" : NAMES.find((known) => known === given);
  if (name === undefined) throw new Error(`expected one of ${NAMES.join(", ")}, got ${JSON.stringify(given)}`);
  if (name === "verify" && plan === undefined)
    throw new Error("expected a file with a redirect plan, or - : rxds-ebpf verify PLAN");
  const extra = name === "verify" ? more : [plan, ...more].filter((word) => word !== undefined);
  if (extra.length > 0) throw new Error(`expected nothing after ${name}, got ${JSON.stringify(extra[0])}`);
  return {
    name,
    json: values.json,
    ...(values.pins === undefined ? {} : { pins: values.pins }),
    ...(values["host-netns"] === undefined ? {} : { hostNetworkNamespace: values["host-netns"] }),
    ...(name === "verify" && plan !== undefined ? { plan } : {}),
  };
}
