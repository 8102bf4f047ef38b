import type { Style } from "./style.js";

/** An empty line, and a number with a title. */
export function heading(number: number, title: string, style: Style): string[] {
  return ["", `${String(number).padStart(2)}  ${style.title(title)}`];
}

/** Lines with a label before the first. */
export function block(label: string, lines: readonly string[], style: Style): string[] {
  return lines.map((line, i) => `    ${style.dim((i === 0 ? label : "").padEnd(10))}${line}`);
}
