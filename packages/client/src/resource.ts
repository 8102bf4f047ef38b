import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { XdsClientError } from "./error.js";

/** One resource as the server sent it. Immutable: a new version is a new object. */
export interface XdsResource {
  /** The type URL, for example `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
  readonly typeUrl: string;
  /** The name, unique within the type. */
  readonly name: string;
  /** The server's version of this resource: opaque, only good for comparison. */
  readonly version: string;
  /** Other names that the resource goes by (virtual hosts have them). */
  readonly aliases: readonly string[];
  /** The encoded message: the value of its `google.protobuf.Any`. Must not be written to. */
  readonly value: Uint8Array;
  /**
   * Decodes the message. Every call decodes again, so that the caller may change what it gets.
   *
   * @throws XdsClientError `wrong-type` when the schema is not this resource's, `undecodable` when the bytes are bad.
   */
  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>;
}

/** What a resource is made of. */
export interface XdsResourceInit {
  readonly typeUrl: string;
  readonly name: string;
  readonly version: string;
  readonly aliases?: readonly string[];
  readonly value: Uint8Array;
}

/** Makes a resource. Copies the bytes, so that one small resource does not keep a whole response in memory. */
export function createResource({ typeUrl, name, version, aliases = [], value }: XdsResourceInit): XdsResource {
  // Small buffers come out of a pool: 100,000 ArrayBuffers of their own would take ten times as long.
  const bytes = Buffer.from(value);
  return {
    typeUrl,
    name,
    version,
    aliases: [...aliases],
    value: bytes,
    decode: (schema) => {
      if (typeUrl.slice(typeUrl.lastIndexOf("/") + 1) !== schema.typeName) {
        throw new XdsClientError(
          "wrong-type",
          `resource ${JSON.stringify(name)} is a ${typeUrl}; decode it with that type's schema, not ${schema.typeName}`,
          { typeUrl, name },
        );
      }
      try {
        return fromBinary(schema, bytes);
      } catch (cause) {
        throw new XdsClientError(
          "undecodable",
          `resource ${JSON.stringify(name)} is not a valid ${schema.typeName}: ${cause instanceof Error ? cause.message : cause}`,
          { typeUrl, name },
          { cause },
        );
      }
    },
  };
}

/** True when both are the same for every consumer: version, aliases and bytes. */
export function sameResource(a: XdsResource, b: XdsResource): boolean {
  return (
    a.version === b.version &&
    a.aliases.length === b.aliases.length &&
    a.aliases.every((alias, index) => alias === b.aliases[index]) &&
    Buffer.compare(a.value, b.value) === 0
  );
}

/** What a resource counts against the limit on bytes: its message and its names. */
export function resourceSize(resource: XdsResource): number {
  let size = resource.value.length + resource.name.length + resource.version.length;
  for (const alias of resource.aliases) size += alias.length;
  return size;
}
