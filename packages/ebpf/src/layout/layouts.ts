import { struct } from "./struct.js";

// The structs of bpf/layouts.h: what each field is stands there. An object whose BTF says otherwise is not loaded.

/** The number that pins carry; of another one nothing is touched. */
export const LAYOUT = 1;

/** What was dialed, by whom. */
export const redirectKey = struct("redirect_key", {
  addr: "bytes16",
  port: "be16",
  protocol: "u8",
  pad: "u8",
  group: "u32",
});

/** Where it goes instead. */
export const redirectTo = struct("redirect_to", { service: "u32", addr: "bytes16", port: "be16", pad: "bytes2" });

/** Whose connections are redirected. */
export const enrolment = struct("enrolment", { group: "u32" });

/** How the proxy of a group is. */
export const groupState = struct("group_state", { flags: "u32" });

/** The proxy does not answer. */
export const GROUP_AWAY = 1;
/** While it does not, connections are left alone. */
export const GROUP_PASS = 2;

/** What holds for all. */
export const settings = struct("settings", { flags: "u32", cgroup_levels: "u32", host_netns: "u64" });

/** Bytes between caller and proxy pass by TCP. */
export const SETTING_ACCELERATE = 1;

/** Counters of a service, on one CPU. */
export const serviceCounters = struct("service_counters", {
  connections: "u64",
  closed: "u64",
  failed: "u64",
  refused: "u64",
  sent: "u64",
  received: "u64",
  datagrams: "u64",
});

/** What user space keeps for its own next start. */
export const sinkState = struct("sink_state", {
  layout: "u32",
  entries: "u32",
  changes: "u64",
  object: "bytes32",
  plan: "bytes64",
});

/** What a name is for. */
export const nameKey = struct("name_key", { kind: "u32", pad: "u32", id: "u64" });

/** A name: UTF-8 that ends with a zero byte. */
export const nameText = struct("name", { text: "bytes128" });

/** Structs that only programs read and write: what a socket was to be connected to. */
export const original = struct("original", {
  addr: "bytes16",
  port: "be16",
  role: "u8",
  flags: "u8",
  service: "u32",
});

/** Of programs only: a TCP connection between a caller and a proxy. */
export const connection = struct("connection", {
  netns: "u64",
  local: "bytes16",
  remote: "bytes16",
  local_port: "be16",
  remote_port: "be16",
  pad: "u32",
});

/** Of programs only: where datagrams of a socket come from. */
export const replyKey = struct("reply_key", { socket: "u64", addr: "bytes16", port: "be16", pad: "bytes6" });

/** Of programs only: where the socket is told that they come from. */
export const replyFrom = struct("reply_from", { addr: "bytes16", port: "be16", pad: "bytes2" });

/** All that is shared. */
export const STRUCTS = [
  redirectKey,
  redirectTo,
  enrolment,
  groupState,
  settings,
  serviceCounters,
  sinkState,
  nameKey,
  nameText,
  original,
  connection,
  replyKey,
  replyFrom,
] as const;
