import { fromBinary, type Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { encodeAny, encodeMessage } from "../encode/index.js";
import type { Reference, Resource, ResourceProblem, ResourceTraits } from "./resource.js";
import { resourceType } from "./type-registry.js";
import { contentVersion } from "./version.js";
import { canonicalName, isCollection } from "./xdstp.js";

/** What a resource can be made from: a message of a registered type, or a finished resource. */
export type ResourceItem = Resource | Message;

/** What a message does not say of its resource. */
export interface ResourceOptions {
  /** The name. Default: what the resource type takes from the message. Of an `xdstp:` name the context is put in order. */
  readonly name?: string;
  /**
   * How long clients keep it without hearing of it again, in milliseconds: a server renews it in time as long as it runs, for
   * clients that say they can take it. Default: for ever.
   */
  readonly ttl?: number;
  /** Other names under which clients may ask for it. Default: what the resource type takes from the message. */
  readonly aliases?: readonly string[];
}

/** A message of a type that is not registered was given as a resource. */
export class UnknownResourceTypeError extends Error {
  override readonly name = "UnknownResourceTypeError";
  constructor(
    /** The message's type name. */
    readonly typeName: string,
  ) {
    super(
      `${typeName} is not a registered resource type: expected a message such as Cluster or Listener, ` +
        "or register the type with registerResourceType(defineResourceType({ schema }))",
    );
  }
}

/**
 * Makes a resource: encodes the message, once, and takes its name, version and references.
 *
 * The message may be changed afterwards; the resource stays as it is. What is wrong with the message does not throw: it is
 * in `problems`, and `check` reports it.
 *
 * @throws UnknownResourceTypeError when the message's type is not registered.
 */
export function createResource(message: Message, options: ResourceOptions = {}): Resource {
  const typeUrl = `type.googleapis.com/${message.$typeName}`;
  const type = resourceType(typeUrl);
  if (type.schema === undefined) throw new UnknownResourceTypeError(message.$typeName);
  const name = options.name ?? type.nameOf(message);
  const references = type.references(message);
  const traits = type.traits(message);
  const problems = [...nameProblems(name), ...type.problems(message)];
  let value: Uint8Array;
  try {
    value = encodeMessage(type.schema, message);
  } catch (error) {
    problems.push({ path: "", message: `cannot be encoded: ${error instanceof Error ? error.message : error}` });
    value = new Uint8Array();
  }
  return finish({ typeUrl, name, value, references, traits, problems, aliases: type.aliases(message, name) }, options);
}

/**
 * Makes a resource from bytes that are encoded already: the value of an Any. Of a registered type the bytes are decoded
 * once, to find references and problems; of any other type they are taken as they are.
 */
export function createOpaqueResource(
  any: Pick<Any, "typeUrl" | "value">,
  name: string,
  options: ResourceOptions = {},
): Resource {
  const type = resourceType(any.typeUrl);
  const problems = nameProblems(name);
  let references: readonly Reference[] = [];
  let traits: ResourceTraits | undefined;
  let aliases: readonly string[] = [];
  if (type.schema !== undefined) {
    try {
      const message = fromBinary(type.schema, any.value);
      references = type.references(message);
      traits = type.traits(message);
      problems.push(...type.problems(message));
      aliases = type.aliases(message, name);
    } catch {
      problems.push({ path: "", message: `the bytes are no ${type.schema.typeName}` });
    }
  }
  return finish({ typeUrl: any.typeUrl, name, value: any.value, references, traits, problems, aliases }, options);
}

/** A message as a resource; a resource as it is. */
export function toResource(item: ResourceItem): Resource {
  return isResource(item) ? item : createResource(item);
}

/** Whether an item is a finished resource. */
export function isResource(item: ResourceItem): item is Resource {
  return !("$typeName" in item);
}

interface Parts {
  readonly typeUrl: string;
  readonly name: string;
  readonly value: Uint8Array;
  readonly references: readonly Reference[];
  readonly traits: ResourceTraits | undefined;
  readonly problems: readonly ResourceProblem[];
  /** What the type makes of the message, for want of a word of the caller. */
  readonly aliases: readonly string[];
}

function finish(parts: Parts, options: ResourceOptions): Resource {
  const { typeUrl, name, value, references, traits, problems } = parts;
  const body = encodeAny(typeUrl, value);
  const aliases = (options.aliases ?? parts.aliases).map(canonicalName);
  return {
    type: typeUrl,
    name: canonicalName(name),
    version: contentVersion(body),
    body,
    ttl: options.ttl,
    aliases: aliases.length > 0 ? aliases : undefined,
    references: references.length > 0 ? references : undefined,
    traits,
    problems: problems.length > 0 ? problems : undefined,
  };
}

function nameProblems(name: string): ResourceProblem[] {
  if (name === "") return [{ path: "name", message: "a resource needs a name" }];
  if (isCollection(name)) return [{ path: "name", message: "a name that ends with /* stands for a collection" }];
  return [];
}
