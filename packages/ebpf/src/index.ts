export { RedirectError, type RedirectErrorCode, type RedirectErrorDetails } from "./errors.js";
export {
  BpfError,
  type BpfMap,
  type BpfMaps,
  type Entries,
  MAP_FLAGS,
  MAP_TYPES,
  type MapShape,
} from "./kernel/bpf-maps.js";
export type { BpfLink, BpfObject, BpfProgram, BpfPrograms, Hook, LoadedObject } from "./kernel/bpf-programs.js";
export type { Kernel, Listening, Pins, Places } from "./kernel/kernel.js";
export { linuxKernel } from "./kernel/linux/linux-kernel.js";
export { type Machine, machine } from "./kernel/memory/memory-kernel.js";
export type { ServiceCounters } from "./sink/counters.js";
export {
  dumpRedirect,
  type InspectOptions,
  type KernelEnrolment,
  type KernelEntry,
  type KernelLink,
  type RedirectDump,
  type RedirectStatus,
  redirectStatus,
  verifyRedirect,
} from "./sink/inspect.js";
export type { PlaceOptions, RedirectSinkOptions, SizeOptions } from "./sink/options.js";
export type { SinkProblem } from "./sink/problem.js";
export { type RedirectSink, redirectSink, type SinkFailure } from "./sink/redirect-sink.js";
export { type Removed, removeRedirect } from "./sink/remove.js";
export type { Applied } from "./sink/sink-tables.js";
export type { ReadyListeners } from "./sink/target.js";
