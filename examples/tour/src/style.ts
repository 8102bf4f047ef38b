import { styleText } from "node:util";

/** How text is set off. Without colours it stays as it is. */
export interface Style {
  title(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  /** In the colour of its name, where that is one: `red`, `green`, `blue`. */
  named(name: string, text: string): string;
}

/** Where text goes to: `process.stdout`, or something like it. */
export interface Output {
  readonly isTTY?: boolean;
  /** Knows the terminal, and the variables NO_COLOR and FORCE_COLOR. */
  hasColors?(): boolean;
}

type Format = Parameters<typeof styleText>[0];

const colours: Readonly<Record<string, Format>> = { red: "red", green: "green", blue: "blueBright" };

/** The style that suits an output: colours on a terminal that has them, unless NO_COLOR is set. */
export function createStyle(output: Output): Style {
  const coloured = output.isTTY === true && output.hasColors?.() === true;
  const paint = (format: Format, text: string) =>
    coloured ? styleText(format, text, { validateStream: false }) : text;
  return {
    title: (text) => paint("bold", text),
    good: (text) => paint("green", text),
    bad: (text) => paint("red", text),
    dim: (text) => paint("dim", text),
    named: (name, text) => paint(colours[name] ?? "reset", text),
  };
}
