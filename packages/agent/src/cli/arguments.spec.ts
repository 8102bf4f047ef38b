import { describe, expect, test } from "vitest";
import { parseAgentCommand, USAGE } from "./arguments.js";

const NEEDED = ["--node", "node-a", "--address", "unix:/run/xds.sock"];
const parse = (...more: string[]) => parseAgentCommand([...NEEDED, ...more]);

test("a node and an address are all that is needed", () => {
  expect(parse()).toEqual({
    name: "run",
    node: "node-a",
    address: "unix:/run/xds.sock",
    insecure: false,
    sink: {},
  });
});

test("without arguments, and with --help, it tells how it is used", () => {
  expect(parseAgentCommand([])).toEqual({ name: "help" });
  expect(parse("--help")).toEqual({ name: "help" });
  expect(parseAgentCommand(["-h"])).toEqual({ name: "help" });
});

test("all about the redirect goes to the sink", () => {
  const redirect = ["--pins", "/p", "--cgroup", "/c", "--proxy-cgroup", "/c/a", "--proxy-cgroup", "/c/b"];
  const more = ["--host-netns", "/n", "--when-away", "pass", "--accelerate", "--in-place", "0"];
  expect(parse(...redirect, ...more)).toMatchObject({
    sink: {
      pins: "/p",
      cgroup: "/c",
      proxyCgroups: ["/c/a", "/c/b"],
      hostNetworkNamespace: "/n",
      whenAway: "pass",
      accelerate: true,
      inPlace: 0,
    },
  });
});

test("files for TLS are those to believe, and the agent's own", () => {
  expect(parse("--tls-ca", "ca")).toMatchObject({ tls: { ca: "ca" } });
  expect(parse("--tls-cert", "c", "--tls-key", "k")).toMatchObject({ tls: { own: { cert: "c", key: "k" } } });
});

test("every option is told of", () => {
  for (const option of USAGE.match(/^ {2}--[a-z-]+/gm) ?? []) {
    const value = { "when-away": "pass", "in-place": "1" }[option.trim().slice(2)] ?? "x";
    const isFlag = /^(insecure|accelerate)$/.test(option.trim().slice(2));
    const tls = option.includes("--tls-cert")
      ? ["--tls-key", "k"]
      : option.includes("--tls-key")
        ? ["--tls-cert", "c"]
        : [];
    expect(() => parse(option.trim(), ...(isFlag ? [] : [value]), ...tls), option).not.toThrow();
  }
  expect(USAGE.match(/^ {2}--[a-z-]+/gm)).toHaveLength(13);
});

describe("what cannot be is refused with what was expected", () => {
  test.each<[string, string[], string | RegExp]>([
    ["no node", ["--address", "unix:/x"], "expected --node NAME: which node of the mesh this is"],
    ["no address", ["--node", "n"], "expected --address ADDRESS: the control plane's HOST:PORT or unix:/PATH"],
    ["an empty node", ["--node", "", "--address", "unix:/x"], "expected --node NAME"],
    ["half a certificate", [...NEEDED, "--tls-key", "k"], "expected --tls-cert and --tls-key, got only --tls-key"],
    ["both ways", [...NEEDED, "--tls-ca", "c", "--insecure"], "expected either --insecure or --tls-…, got both"],
    ["another word", [...NEEDED, "--when-away", "drop"], '--when-away: expected refuse or pass, got "drop"'],
    ["less than nothing", [...NEEDED, "--in-place=-1"], '--in-place: expected a number, 0 or more, got "-1"'],
    ["an unknown option", [...NEEDED, "--wrong"], /--wrong/],
    ["a word too many", [...NEEDED, "more"], /more/],
  ])("%s", (_, args, message) => {
    expect(() => parseAgentCommand(args)).toThrow(message);
  });
});
