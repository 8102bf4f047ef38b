import type { Applied } from "@rxds/ebpf";
import type { AgentStatus } from "../run-agent.js";

/**
 * A line of JSON that tells how an agent stands.
 *
 * @param last what the sink told of the plan that it put into force last
 * @param away the proxies that do not answer
 */
export function statusLine(status: AgentStatus, last: Applied | undefined, away: ReadonlySet<string>): string {
  const { connection, plan, applied, problems, failed } = status;
  const done = last !== undefined && last.generation === applied ? last : undefined;
  return JSON.stringify({
    connection: connection.state,
    ...(connection.error === undefined ? {} : { connectionError: connection.error.message }),
    plan: plan ?? null,
    applied: applied ?? null,
    ...(done === undefined ? {} : { entries: done.entries, writes: done.writes, table: done.table }),
    problems,
    ...(away.size === 0 ? {} : { away: [...away].sort() }),
    ...(failed === undefined ? {} : { failed: { plan: failed.generation, message: failed.error.message } }),
  });
}
