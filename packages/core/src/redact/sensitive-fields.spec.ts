import { create, type DescField, type DescMessage, getOption, hasOption, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { sensitive } from "@rxds/envoy-api/udpa/annotations/sensitive";
import { expect, test } from "vitest";
import { createResource } from "../resource/create-resource.js";
import { defineResourceType } from "../resource/resource-type.js";
import { registerResourceType } from "../resource/type-registry.js";
import { redactedBody } from "./redacted-body.js";

const MARKER = "marker-91c4e7";

/** Every field of Envoy's API that is marked as sensitive. */
const marked: DescField[] = [];
for (const type of envoyRegistry()) {
  if (type.kind !== "message") continue;
  marked.push(...type.fields.filter((field) => hasOption(field, sensitive) && getOption(field, sensitive)));
}

/** What is shown even there: where a secret is, and of what type. */
const ELSEWHERE: ReadonlySet<string> = new Set(["filename", "environment_variable", "type_url"]);

/** Puts the marker wherever a text fits. */
function fill(message: ReflectMessage, depth: number): void {
  for (const field of message.desc.fields) if (!ELSEWHERE.has(field.name)) fillField(message, field, depth);
}

function fillField(message: ReflectMessage, field: DescField, depth: number): void {
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) message.set(field, MARKER);
  else if (field.fieldKind === "scalar" && field.scalar === ScalarType.BYTES) message.set(field, Buffer.from(MARKER));
  else if (field.fieldKind === "message" && depth > 0) message.set(field, filled(field.message, depth - 1));
  else if (field.fieldKind === "list" && field.listKind === "message" && depth > 0) {
    message.get(field).add(filled(field.message, depth - 1));
  } else if (field.fieldKind === "list" && field.listKind === "scalar" && field.scalar === ScalarType.STRING) {
    message.get(field).add(MARKER);
  } else if (field.fieldKind === "map" && field.mapKind === "scalar" && field.scalar === ScalarType.STRING) {
    message.get(field).set("key", MARKER);
  } else if (field.fieldKind === "map" && field.mapKind === "message" && depth > 0) {
    message.get(field).set("key", filled(field.message, depth - 1));
  }
}

function filled(desc: DescMessage, depth: number): ReflectMessage {
  const message = reflect(desc, create(desc));
  // Plain values are filled where they are of use: a wrapper of a text.
  const isPlain = desc.typeName.startsWith("google.protobuf.") && desc.typeName !== "google.protobuf.Any";
  if (!isPlain || desc.typeName.endsWith("StringValue")) fill(message, depth);
  return message;
}

test("Envoy's API has sensitive fields", () => {
  expect(marked.length).toBeGreaterThan(20);
});

test.each(marked.map((field) => [`${field.parent.typeName}.${field.name}`, field] as const))(
  "nothing of %s is shown",
  (_, field) => {
    const message = reflect(field.parent, create(field.parent));
    fillField(message, field, 3);
    registerResourceType(defineResourceType({ schema: field.parent, nameOf: () => "name" }));
    const resource = createResource(message.message);
    expect(Buffer.from(resource.body).includes(MARKER)).toBe(true);
    expect(Buffer.from(redactedBody(resource) ?? []).includes(MARKER)).toBe(false);
  },
);
