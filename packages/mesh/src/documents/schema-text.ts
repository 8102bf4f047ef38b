import { z } from "zod";

/** A schema of the model, or a part of one. */
export type Schema = z.core.$ZodType;

/** What a value of a schema is, for people: `a whole number from 1 to 65535`, `"allow" or "deny"`, `a list`. */
export function schemaText(schema: Schema): string {
  const inner = withoutOptional(schema);
  if (inner instanceof z.ZodString) return textFormat(inner);
  if (inner instanceof z.ZodNumber) return numberText(inner);
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodLiteral) return either([...inner.values].map((value) => JSON.stringify(value)));
  if (inner instanceof z.ZodEnum) return either(inner.options.map((value) => JSON.stringify(value)));
  if (inner instanceof z.ZodArray) return "a list";
  if (inner instanceof z.ZodUnion) return either(inner.options.map(optionText));
  return "a map";
}

/** The fields of a map; undefined for anything else, and for a map with keys of the user's choice. */
export function fieldsOf(schema: Schema | undefined): readonly string[] | undefined {
  const inner = schema && withoutOptional(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : undefined;
}

/** The forms that a value can have. */
export function optionsOf(schema: Schema | undefined): readonly Schema[] {
  const inner = schema && withoutOptional(schema);
  return inner instanceof z.ZodUnion ? inner.options : [];
}

/** Whether a value that is no list or map is of the type that a schema wants, whatever it says. */
export function hasType(schema: Schema, value: unknown): boolean {
  const inner = withoutOptional(schema);
  if (inner instanceof z.ZodLiteral) return [...inner.values].some((literal) => typeof literal === typeof value);
  if (inner instanceof z.ZodString) return typeof value === "string";
  return inner instanceof z.ZodNumber && typeof value === "number";
}

/** The schema that steps from another one lead to; undefined where there is none. */
export function schemaAt(schema: Schema, steps: readonly PropertyKey[]): Schema | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return schema;
  const inner = withoutOptional(schema);
  if (inner instanceof z.ZodUnion) {
    return inner.options.map((option) => schemaAt(option, steps)).find((found) => found !== undefined);
  }
  const next = below(inner, step);
  return next && schemaAt(next, rest);
}

/** Words in a row: `a, b or c`. Repeated ones are told once. */
export function either(words: readonly string[], last = "or"): string {
  const all = [...new Set(words)];
  const end = all.pop() ?? "nothing";
  return all.length === 0 ? end : `${all.join(", ")} ${last} ${end}`;
}

function below(schema: Schema, step: PropertyKey): Schema | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? schema.shape[String(step)] : undefined;
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

function withoutOptional(schema: Schema): Schema {
  return schema instanceof z.ZodOptional ? withoutOptional(schema.unwrap()) : schema;
}

/** A form among others: a map by the fields that it must have. */
function optionText(option: Schema): string {
  if (!(option instanceof z.ZodObject)) return schemaText(option);
  const required = Object.entries(option.shape).filter(([, field]) => !(field instanceof z.ZodOptional));
  return `{ ${required.map(([name]) => `${name}: …`).join(", ")} }`;
}

/** Fits no format of the model. */
const UNFIT = "\n";

/** What a text must look like is told by the message of its own check. */
function textFormat(schema: z.ZodString): string {
  const message = schema.safeParse(UNFIT).error?.issues[0]?.message ?? "";
  return withoutExpected(message) ?? "a text";
}

/** `expected a duration` without the first word; undefined for a message that does not begin so. */
export function withoutExpected(message: string): string | undefined {
  return message.startsWith("expected ") ? message.slice("expected ".length) : undefined;
}

function numberText(schema: z.ZodNumber): string {
  const what = schema.isInt ? "a whole number" : "a number";
  const [least, most] = [limit(schema.minValue), limit(schema.maxValue)];
  if (least === undefined) return most === undefined ? what : `${what} up to ${most}`;
  return most === undefined ? `${what} from ${least} on` : `${what} from ${least} to ${most}`;
}

/** A limit that the model set: whole numbers always have those of a double. */
function limit(value: number | null): number | undefined {
  return value === null || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}
