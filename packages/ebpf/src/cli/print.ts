import { describe, type RedirectDump, type RedirectStatus } from "../sink/inspect.js";

/** Columns, as wide as what is in them; numbers to the right. */
export function columns(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => String(row[i] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, i) =>
        typeof cell === "number" ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** The status as a person reads it. */
export function printStatus(status: RedirectStatus): string {
  const { pins, plan, changes, object, accelerates, links, entries, workloads, away, counters } = status;
  const lines = [
    `pins        ${pins}`,
    `plan        ${plan === "" ? "none yet" : plan}, change ${changes}`,
    `redirects   ${entries}, of ${workloads} workloads${accelerates ? ", accelerated" : ""}`,
    `object      sha256 ${object.slice(0, 16)}…`,
    ...away.map(
      ({ proxy, meanwhile }) =>
        `away        ${proxy}: connections are ${meanwhile === "pass" ? "left alone" : "refused"}`,
    ),
    "",
    ...columns([
      ["hook", "link", "program", "tag", "cgroup"],
      ...links.map((l) => [l.name, l.link, l.program, l.tag, String(l.cgroup)]),
    ]),
  ];
  if (counters.length > 0) {
    lines.push(
      "",
      ...columns([
        ["service", "connections", "open", "failed", "refused", "sent", "received", "datagrams"],
        ...counters.map((c) => [
          c.service,
          c.connections,
          c.connections - c.closed,
          c.failed,
          c.refused,
          c.sentBytes,
          c.receivedBytes,
          c.datagrams,
        ]),
      ]),
    );
  }
  return lines.join("\n");
}

/** All redirects as a person reads them. */
export function printDump({ entries, enrolments }: RedirectDump): string {
  return [
    ...entries.map(describe),
    ...enrolments.map(({ workload, proxy, by, id }) => `enrolled ${workload} for ${proxy} by ${by} ${id}`),
  ].join("\n");
}

/** JSON with numbers that JSON has none for as text. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v), 2);
}
