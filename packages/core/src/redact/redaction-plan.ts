import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { isSecretField, isSecretMessage } from "../load/sensitive.js";

/** What becomes of a field. */
export type Treatment =
  /** It stays as it is. */
  | { readonly kind: "keep"; readonly length: false }
  /** A text, or bytes: other ones stand in its place. */
  | { readonly kind: "replace"; readonly length: true }
  /** It is left out: nothing can stand in its place. */
  | { readonly kind: "drop"; readonly length: false }
  /** A packed message. */
  | { readonly kind: "any"; readonly length: true; readonly hidden: boolean }
  /** A message, looked into. */
  | { readonly kind: "message"; readonly length: true; readonly plan: Plan };

/** What becomes of each field of a message, by number. Fields that are not there are unknown. */
export type Plan = ReadonlyMap<number, Treatment>;

const KEEP: Treatment = { kind: "keep", length: false };
const DROP: Treatment = { kind: "drop", length: false };
const REPLACE: Treatment = { kind: "replace", length: true };

/** Parts of messages that may be secret which are not: they say where a value is, or what it is called. */
const SHOWN: ReadonlySet<string> = new Set([
  "envoy.config.core.v3.DataSource.filename",
  "envoy.config.core.v3.DataSource.environment_variable",
  "envoy.config.core.v3.HeaderValue.key",
]);

/** Messages that may hold any other in a form that is not looked into. */
const OPAQUE: ReadonlySet<string> = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);

const plans = { shown: new WeakMap<DescMessage, Plan>(), hidden: new WeakMap<DescMessage, Plan>() };

/** What becomes of the fields of a message. `hidden`: it stands where everything may be secret. */
export function planOf(desc: DescMessage, hidden: boolean): Plan {
  const all = hidden || isSecretMessage(desc.typeName) || OPAQUE.has(desc.typeName);
  const known = all ? plans.hidden : plans.shown;
  const found = known.get(desc);
  if (found !== undefined) return found;
  const plan = new Map<number, Treatment>();
  // Before its fields: messages may hold themselves.
  known.set(desc, plan);
  for (const field of desc.fields) {
    const hide = (all || isSecretField(field)) && !SHOWN.has(`${desc.typeName}.${field.name}`);
    plan.set(field.number, treatmentOf(field, hide));
  }
  return plan;
}

function treatmentOf(field: DescField, hide: boolean): Treatment {
  const { message } = field;
  if (field.fieldKind === "map") return mapTreatment(message, hide);
  if (message !== undefined) return messageTreatment(message, hide);
  if (!hide) return KEEP;
  return "scalar" in field && (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES)
    ? REPLACE
    : DROP;
}

/** An entry of a map is a message: key = 1, value = 2. */
function mapTreatment(value: DescMessage | undefined, hide: boolean): Treatment {
  if (value === undefined) return hide ? DROP : KEEP;
  const plan = new Map([
    [1, KEEP],
    [2, messageTreatment(value, hide)],
  ]);
  return { kind: "message", length: true, plan };
}

function messageTreatment(message: DescMessage, hide: boolean): Treatment {
  const { typeName } = message;
  if (typeName === AnySchema.typeName) return { kind: "any", length: true, hidden: hide };
  // The others of protobuf's own messages stand for plain values: wrappers, durations, structs.
  if (typeName.startsWith("google.protobuf.")) return hide ? DROP : KEEP;
  return { kind: "message", length: true, plan: planOf(message, hide) };
}

/** Whether a field is written as that treatment expects it. */
export function isWritten(treatment: Treatment, wireType: WireType): boolean {
  return !treatment.length || wireType === WireType.LengthDelimited;
}
