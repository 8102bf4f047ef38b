export { AgentError, type AgentErrorCode } from "./agent-error.js";
export type { AgentSink, AppliedPlan, FailedPlan, SinkProblem } from "./agent-sink.js";
export { type EbpfSinkOptions, ebpfSink } from "./ebpf-sink.js";
export { type Agent, type AgentOptions, type AgentStatus, runAgent } from "./run-agent.js";
