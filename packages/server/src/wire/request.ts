import { type Reader, readBytes, readEnd, readString, readVarint, skipField, WireError } from "./reader.js";

/** Names as they stand in a request: not decoded until somebody asks. */
export interface NameList {
  readonly count: number;
  /** The encoded fields, from the first to the last, when nothing stands between them. Equal bytes are equal lists. */
  readonly raw: Buffer | undefined;
  /** Decodes them. */
  names(): string[];
}

/** `error_detail` of a request: the client rejected a response. */
export interface ErrorDetail {
  readonly code: number;
  readonly message: string;
}

/** What both kinds of request say. */
interface CommonRequest {
  /** The encoded Node; undefined when the request carries none. */
  readonly node: Buffer | undefined;
  /** Empty on a per-type stream that leaves it out. */
  readonly typeUrl: string;
  /** The nonce of the response that is acknowledged or rejected; empty: none is. */
  readonly nonce: string;
  readonly error: ErrorDetail | undefined;
}

/** envoy.service.discovery.v3.DiscoveryRequest */
export interface SotwRequest extends CommonRequest {
  readonly version: string;
  readonly resourceNames: NameList;
}

/** envoy.service.discovery.v3.DeltaDiscoveryRequest */
export interface DeltaRequest extends CommonRequest {
  readonly subscribe: NameList;
  readonly unsubscribe: NameList;
  /** `initial_resource_versions`: name and version of what the client holds. */
  readonly initialVersions: ReadonlyMap<string, string>;
}

/** What a request may grow to. */
export interface RequestLimits {
  /** Names in one list. */
  readonly names: number;
}

class Names implements NameList {
  /** Start and end of each name. */
  readonly #spans: number[] = [];
  #start = -1;
  #end = -1;
  #gap = false;

  constructor(
    readonly bytes: Buffer,
    readonly limit: number,
  ) {}

  get count(): number {
    return this.#spans.length / 2;
  }

  get raw(): Buffer | undefined {
    return this.#gap || this.#start < 0 ? undefined : this.bytes.subarray(this.#start, this.#end);
  }

  /** Takes the field that began at `fieldStart`; the reader stands at its length. */
  read(reader: Reader, fieldStart: number): void {
    const end = readEnd(reader);
    if (this.count >= this.limit) throw new WireError(`more than ${this.limit} names in one request`);
    if (this.#start < 0) this.#start = fieldStart;
    else if (this.#end !== fieldStart) this.#gap = true;
    this.#spans.push(reader.at, end);
    this.#end = end;
    reader.at = end;
  }

  names(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.#spans.length; i += 2) {
      names.push(this.bytes.toString("utf8", this.#spans[i], this.#spans[i + 1]));
    }
    return names;
  }
}

/** Parses a DiscoveryRequest. @throws WireError */
export function parseSotwRequest(bytes: Buffer, limits: RequestLimits): SotwRequest {
  const resourceNames = new Names(bytes, limits.names);
  let version = "";
  let node: Buffer | undefined;
  let typeUrl = "";
  let nonce = "";
  let error: ErrorDetail | undefined;
  const reader: Reader = { bytes, at: 0, end: bytes.length };
  while (reader.at < reader.end) {
    const start = reader.at;
    const tag = readVarint(reader);
    if (tag === 10) version = readString(reader);
    else if (tag === 18) node = readBytes(reader);
    else if (tag === 26) resourceNames.read(reader, start);
    else if (tag === 34) typeUrl = readString(reader);
    else if (tag === 42) nonce = readString(reader);
    else if (tag === 50) error = parseStatus(reader);
    else skipField(reader, tag & 7);
  }
  return { version, node, resourceNames, typeUrl, nonce, error };
}

const NO_VERSIONS: ReadonlyMap<string, string> = new Map();

/** Parses a DeltaDiscoveryRequest. @throws WireError */
export function parseDeltaRequest(bytes: Buffer, limits: RequestLimits): DeltaRequest {
  const subscribe = new Names(bytes, limits.names);
  const unsubscribe = new Names(bytes, limits.names);
  let initialVersions: Map<string, string> | undefined;
  let node: Buffer | undefined;
  let typeUrl = "";
  let nonce = "";
  let error: ErrorDetail | undefined;
  const reader: Reader = { bytes, at: 0, end: bytes.length };
  while (reader.at < reader.end) {
    const start = reader.at;
    const tag = readVarint(reader);
    if (tag === 10) node = readBytes(reader);
    else if (tag === 18) typeUrl = readString(reader);
    else if (tag === 26) subscribe.read(reader, start);
    else if (tag === 34) unsubscribe.read(reader, start);
    else if (tag === 42) {
      initialVersions ??= new Map();
      if (initialVersions.size >= limits.names) throw new WireError(`more than ${limits.names} names in one request`);
      parseEntry(reader, initialVersions);
    } else if (tag === 50) nonce = readString(reader);
    else if (tag === 58) error = parseStatus(reader);
    else skipField(reader, tag & 7);
  }
  return { node, typeUrl, subscribe, unsubscribe, initialVersions: initialVersions ?? NO_VERSIONS, nonce, error };
}

/** A map entry of two strings. */
function parseEntry(outer: Reader, into: Map<string, string>): void {
  const reader = nested(outer);
  let key = "";
  let value = "";
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag === 10) key = readString(reader);
    else if (tag === 18) value = readString(reader);
    else skipField(reader, tag & 7);
  }
  into.set(key, value);
}

/** google.rpc.Status without its details. */
function parseStatus(outer: Reader): ErrorDetail {
  const reader = nested(outer);
  let code = 0;
  let message = "";
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag === 8) code = readVarint(reader);
    else if (tag === 18) message = readString(reader);
    else skipField(reader, tag & 7);
  }
  return { code, message };
}

function nested(outer: Reader): Reader {
  const end = readEnd(outer);
  const reader = { bytes: outer.bytes, at: outer.at, end };
  outer.at = end;
  return reader;
}
