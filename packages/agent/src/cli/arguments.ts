import { parseArgs } from "node:util";
import type { EbpfSinkOptions } from "../ebpf-sink.js";

/** Files in PEM form, for the connection to the control plane. */
export interface TlsFiles {
  /** Whom to believe. Default: whom Node.js believes. */
  readonly ca?: string;
  /** Who the agent is. */
  readonly own?: { readonly cert: string; readonly key: string };
}

/** What `rxds-agent` is to do: to run, or to tell how it is used. */
export type AgentCommand =
  | { readonly name: "help" }
  | {
      readonly name: "run";
      readonly node: string;
      readonly address: string;
      readonly insecure: boolean;
      readonly tls?: TlsFiles;
      readonly sink: EbpfSinkOptions;
    };

/** How it is used. */
export const USAGE = `usage: rxds-agent --node NAME --address ADDRESS [options]

Follows the redirect plan of a node and keeps it in force in the kernel. Prints a line of JSON for each change of its status. What is in
force stays so when it ends; rxds-ebpf remove ends that.

  --node NAME           the node, as the mesh calls it
  --address ADDRESS     the control plane: HOST:PORT or unix:/PATH

the connection:
  --tls-ca FILE         encrypt, and believe what these certificates have signed
  --tls-cert FILE       the agent's own certificate, with --tls-key
  --tls-key FILE        its key
  --insecure            do not encrypt, though the address is not of this machine

the redirect:
  --pins DIR            folder of the pins (default: /sys/fs/bpf/rxds)
  --cgroup PATH         the control group that holds the pods and the proxies (default: the root)
  --proxy-cgroup PATH   a control group of proxies; may be repeated
  --host-netns FILE     the node's own network namespace (default: the agent's)
  --when-away WHAT      refuse or pass what is dialed while a proxy is away (default: as the mesh says)
  --accelerate          let bytes between a pod and its proxy pass by TCP
  --in-place N          up to so many changed entries are written in place (default: 4096)
`;

/** Reads arguments. @throws Error that says what was expected */
export function parseAgentCommand(args: readonly string[]): AgentCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      node: { type: "string" },
      address: { type: "string" },
      insecure: { type: "boolean", default: false },
      "tls-ca": { type: "string" },
      "tls-cert": { type: "string" },
      "tls-key": { type: "string" },
      pins: { type: "string" },
      cgroup: { type: "string" },
      "proxy-cgroup": { type: "string", multiple: true },
      "host-netns": { type: "string" },
      "when-away": { type: "string" },
      accelerate: { type: "boolean" },
      "in-place": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help || args.length === 0) return { name: "help" };
  const { node, address, insecure, "tls-ca": ca, "tls-cert": cert, "tls-key": key } = values;
  if (!node) throw new Error("expected --node NAME: which node of the mesh this is");
  if (!address) throw new Error("expected --address ADDRESS: the control plane's HOST:PORT or unix:/PATH");
  const tls = tlsFiles(ca, cert, key);
  if (insecure && tls !== undefined) throw new Error("expected either --insecure or --tls-…, got both");
  const sink = present({
    pins: values.pins,
    cgroup: values.cgroup,
    proxyCgroups: values["proxy-cgroup"],
    hostNetworkNamespace: values["host-netns"],
    whenAway: whenAway(values["when-away"]),
    accelerate: values.accelerate,
    inPlace: count("--in-place", values["in-place"]),
  });
  return { name: "run", node, address, insecure, ...present({ tls }), sink };
}

function tlsFiles(ca?: string, cert?: string, key?: string): TlsFiles | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(`expected --tls-cert and --tls-key, got only --tls-${cert === undefined ? "key" : "cert"}`);
  }
  const own = cert === undefined || key === undefined ? undefined : { cert, key };
  return ca === undefined && own === undefined ? undefined : present({ ca, own });
}

function whenAway(value: string | undefined): "refuse" | "pass" | undefined {
  if (value === undefined || value === "refuse" || value === "pass") return value;
  throw new Error(`--when-away: expected refuse or pass, got ${JSON.stringify(value)}`);
}

function count(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`${option}: expected a number, 0 or more, got ${JSON.stringify(value)}`);
}

/** What of an object is there: optional members are left out rather than undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
