import { block, heading } from "./blocks.js";
import type { Played } from "./play.js";
import { contentOf } from "./pushes.js";
import type { Style } from "./style.js";
import { total } from "./traffic.js";

const BAR = 30;

/** A step for people: what was diffed, what was pushed and accepted, where the requests went, and what is wrong. */
export function reportStep(
  number: number,
  title: string,
  played: Played,
  wrong: readonly string[],
  style: Style,
): string {
  const sign = wrong.length === 0 ? style.good("ok") : style.bad("not as expected");
  const isAccepted = played.pushes.every(({ answer }) => answer === "ACK");
  const time = isAccepted ? style.dim(`accepted after ${played.ms.toFixed(0)} ms`) : "";
  const lines = [
    ...heading(number, title, style),
    ...block("diff", played.diff, style),
    ...block("pushed", pushedLines(played), style),
    ...Object.keys(played.traffic).flatMap((path) => block(`GET ${path}`, trafficLines(played, path, style), style)),
    ...block("result", [`${sign}  ${time}`.trimEnd(), ...wrong.map((line) => style.bad(line))], style),
  ];
  return lines.join("\n");
}

/** A step that could not be played to its end. */
export function reportError(number: number, title: string, error: unknown, style: Style): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = [style.bad("failed"), ...message.split("\n").map((line) => style.bad(line))];
  return [...heading(number, title, style), ...block("result", lines, style)].join("\n");
}

function pushedLines({ pushes }: Played): string[] {
  const rows = pushes.map((push) => ({ ...push, what: contentOf(push).join(", "), size: String(push.bytes) }));
  const wide = Math.max(...rows.map(({ what }) => what.length));
  const long = Math.max(...rows.map(({ size }) => size.length));
  return rows.map(
    ({ what, size, answer }) => `${what.padEnd(wide)}  ${size.padStart(long)} bytes  ${answer.split(":")[0]}`,
  );
}

function trafficLines({ traffic }: Played, path: string, style: Style): string[] {
  const counts = traffic[path] ?? {};
  const all = total(counts);
  const wide = Math.max(5, ...Object.keys(counts).map((name) => name.length));
  return Object.entries(counts).map(([name, count]) => {
    const filled = Math.max(1, Math.round((BAR * count) / all));
    const percent = `${((100 * count) / all).toFixed(0)} %`.padStart(5);
    const bar = style.named(name, "#".repeat(filled)) + style.dim(".".repeat(BAR - filled));
    return `${name.padEnd(wide)}  ${bar}  ${percent}  ${String(count).padStart(4)} of ${all}`;
  });
}
