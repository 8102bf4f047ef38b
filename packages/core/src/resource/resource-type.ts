import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Reference, ResourceProblem, ResourceTraits } from "./resource.js";

/** What rxds knows of one type of resource. {@link defineResourceType} makes one with defaults. */
export interface ResourceType {
  /** The type URL: `type.googleapis.com/` and the message's full name. */
  readonly typeUrl: string;
  /** A short name for people: `"CDS"`. */
  readonly label: string;
  /** The message's descriptor; undefined: the value is opaque bytes. */
  readonly schema: DescMessage | undefined;
  /** The name of a message of this type. */
  nameOf(message: unknown): string;
  /** The resources that a message names. */
  references(message: unknown): readonly Reference[];
  /** What else of a message decides when it may be sent or taken away. */
  traits(message: unknown): ResourceTraits | undefined;
  /** What is wrong with a message in itself. */
  problems(message: unknown): readonly ResourceProblem[];
  /**
   * Whether a state-of-the-world response holds every subscribed resource, so that omission means deletion (LDS and CDS,
   * xDS protocol "Deleting Resources").
   */
  readonly fullState: boolean;
  /** Place in the push order, smaller first: CDS 10, EDS 20, LDS 30, RDS 40, … (xDS protocol "Eventual consistency"). */
  readonly rank: number;
  /** The other names by which a message can be asked for. */
  aliases(message: unknown, name: string): readonly string[];
  /**
   * What a delta client is told of a name that it asked for and that does not exist: it is listed as removed (`"removed"`),
   * nothing is said (`"silent"`), or it comes as a resource that has a name and no body (`"bodiless"`, as VHDS wants it).
   */
  readonly missing: "removed" | "silent" | "bodiless";
  /**
   * Whether each resource goes in a response of its own, so that a rejection tells which one it was: for a type whose clients
   * reject a bad content only once, so that it can't be searched for.
   */
  readonly alone: boolean;
  /** Whether the content is secret and must appear in no event, status or log. */
  readonly secret: boolean;
}

/** What a user says of a type; everything but the schema or type URL has a default. */
export interface ResourceTypeOptions<Desc extends DescMessage> {
  /** The message's descriptor. */
  readonly schema: Desc;
  /** Default: the message's simple name. */
  readonly label?: string;
  /** Default: the message's field `name`. */
  readonly nameOf?: (message: MessageShape<Desc>) => string;
  /** Default: none. */
  readonly references?: (message: MessageShape<Desc>) => readonly Reference[];
  /** Default: none. */
  readonly traits?: (message: MessageShape<Desc>) => ResourceTraits | undefined;
  /** Default: none. */
  readonly problems?: (message: MessageShape<Desc>) => readonly ResourceProblem[];
  /** Default: false. */
  readonly fullState?: boolean;
  /** Default: 100, after all built-in types. */
  readonly rank?: number;
  /** Default: none. `name`: the resource's own. */
  readonly aliases?: (message: MessageShape<Desc>, name: string) => readonly string[];
  /** Default: `"removed"`. */
  readonly missing?: "removed" | "silent" | "bodiless";
  /** Default: false. */
  readonly alone?: boolean;
  /** Default: false. */
  readonly secret?: boolean;
}

const PREFIX = "type.googleapis.com/";

/** The type URL of a message type. */
export function typeUrlOf(schema: DescMessage): string {
  return PREFIX + schema.typeName;
}

/** Describes a type of resource; `registerResourceType` makes it known. */
export function defineResourceType<Desc extends DescMessage>(options: ResourceTypeOptions<Desc>): ResourceType {
  const { schema } = options;
  // Messages reach these functions only by their type name, which is the schema's.
  const typed = (message: unknown) => message as MessageShape<Desc>;
  const { nameOf = nameField, references = none<Reference>, problems = none<ResourceProblem> } = options;
  return {
    typeUrl: typeUrlOf(schema),
    label: options.label ?? schema.name,
    schema,
    nameOf: (message) => nameOf(typed(message)),
    references: (message) => references(typed(message)),
    traits: (message) => options.traits?.(typed(message)),
    problems: (message) => problems(typed(message)),
    aliases: (message, name) => options.aliases?.(typed(message), name) ?? [],
    fullState: options.fullState ?? false,
    rank: options.rank ?? 100,
    missing: options.missing ?? "removed",
    alone: options.alone ?? false,
    secret: options.secret ?? false,
  };
}

const none = <T>(): readonly T[] => [];

function nameField(message: object): string {
  const name = "name" in message ? message.name : undefined;
  return typeof name === "string" ? name : "";
}

/** What is known of a type that nobody registered. */
export function opaqueType(typeUrl: string): ResourceType {
  return {
    typeUrl,
    label: typeUrl.slice(typeUrl.lastIndexOf(".") + 1),
    schema: undefined,
    nameOf: nameless,
    references: none<Reference>,
    traits: traitless,
    problems: none<ResourceProblem>,
    aliases: none<string>,
    fullState: false,
    rank: 100,
    missing: "removed",
    alone: false,
    secret: false,
  };
}

const nameless = (): string => "";
const traitless = (): undefined => undefined;
