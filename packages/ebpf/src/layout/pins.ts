import { type BpfMap, MAP_FLAGS, MAP_TYPES, type MapShape } from "../kernel/bpf-maps.js";
import type { Hook } from "../kernel/bpf-programs.js";
import {
  connection,
  enrolment,
  groupState,
  nameKey,
  nameText,
  original,
  redirectKey,
  redirectTo,
  replyFrom,
  replyKey,
  serviceCounters,
  settings,
  sinkState,
} from "./layouts.js";

const { noPrealloc, readOnlyForPrograms } = MAP_FLAGS;
const hash = { type: MAP_TYPES.hash, flags: noPrealloc | readOnlyForPrograms } as const;

/** A map's shape, but for how many entries it has. */
export type MapKind = Omit<MapShape, "maxEntries">;

/** Each generation of redirects. */
export const GENERATION: MapKind = { ...hash, keySize: redirectKey.size, valueSize: redirectTo.size };

/** The maps of bpf/maps.h that are pinned, by name: what they must be. */
export const MAPS = {
  redirects: { type: MAP_TYPES.arrayOfMaps, keySize: 4, valueSize: 4, flags: 0 },
  enrolled_netns: { ...hash, keySize: 8, valueSize: enrolment.size },
  enrolled_cgroup: { ...hash, keySize: 8, valueSize: enrolment.size },
  bypassed: { ...hash, keySize: 8, valueSize: 4 },
  groups: { ...hash, keySize: 4, valueSize: groupState.size },
  settings: { type: MAP_TYPES.array, keySize: 4, valueSize: settings.size, flags: readOnlyForPrograms },
  originals: { type: MAP_TYPES.skStorage, keySize: 4, valueSize: original.size, flags: noPrealloc },
  handshakes: { type: MAP_TYPES.lruHash, keySize: connection.size, valueSize: original.size, flags: 0 },
  replies: { type: MAP_TYPES.lruHash, keySize: replyKey.size, valueSize: replyFrom.size, flags: 0 },
  counters: { type: MAP_TYPES.percpuHash, keySize: 4, valueSize: serviceCounters.size, flags: noPrealloc },
  sockets: { type: MAP_TYPES.sockHash, keySize: connection.size, valueSize: 8, flags: 0 },
  state: { type: MAP_TYPES.array, keySize: 4, valueSize: sinkState.size, flags: 0 },
  names: { type: MAP_TYPES.hash, keySize: nameKey.size, valueSize: nameText.size, flags: noPrealloc },
} satisfies Record<string, MapKind>;

/** The name of a map that is pinned. */
export type MapName = keyof typeof MAPS;

/** All of them. */
export const MAP_NAMES = Object.keys(MAPS) as MapName[];

/** The maps of a sink, open. */
export type SinkMaps = Readonly<Record<MapName, BpfMap>>;

/** Hooks on the cgroup of all that is redirected, and of the proxies (kernel: `enum bpf_attach_type`). */
export const HOOKS: readonly Hook[] = [
  { program: "connect4", attachType: 10 },
  { program: "connect6", attachType: 11 },
  { program: "sendmsg4", attachType: 14 },
  { program: "sendmsg6", attachType: 15 },
  { program: "recvmsg4", attachType: 19 },
  { program: "recvmsg6", attachType: 20 },
  { program: "getpeername4", attachType: 29 },
  { program: "getpeername6", attachType: 30 },
  { program: "tcp_events", attachType: 3 },
];

/** The hook on the cgroups of proxies alone: it is called for every getsockopt there. */
export const PROXY_HOOK: Hook = { program: "getsockopt", attachType: 21 };

/** The program that accelerates. */
export const ACCELERATION = "accelerate_msg";
