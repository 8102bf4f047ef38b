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

/** Runs of name fields: walked once to be counted, and again only when somebody wants the names. */
class Names implements NameList {
  /** Start and end of each run. */
  readonly #runs: number[] = [];
  #count = 0;

  constructor(
    readonly bytes: Buffer,
    /** The field's tag, one byte. */
    readonly tag: number,
    readonly limit: number,
  ) {}

  get count(): number {
    return this.#count;
  }

  get raw(): Buffer | undefined {
    return this.#runs.length === 2 ? this.bytes.subarray(this.#runs[0], this.#runs[1]) : undefined;
  }

  /** Takes the field that began at `fieldStart`, and those of the same number that follow it; the reader stands at its length. */
  read(reader: Reader, fieldStart: number): void {
    const { bytes, tag } = this;
    if (reader.at !== fieldStart + 1) throw new WireError("a field number is not written in its shortest form");
    let at = fieldStart;
    for (;;) {
      if (this.#count++ >= this.limit) throw new WireError(`more than ${this.limit} names in one request`);
      const short = bytes[at + 1]!;
      if (short < 0x80) at += 2 + short;
      else {
        reader.at = at + 1;
        at = readEnd(reader);
      }
      if (at > reader.end) throw new WireError("a field is longer than its message");
      if (at === reader.end || bytes[at] !== tag) break;
      if (at + 1 === reader.end) throw new WireError("the message ends inside a number");
    }
    this.#runs.push(fieldStart, at);
    reader.at = at;
  }

  names(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.#runs.length; i += 2) {
      const reader: Reader = { bytes: this.bytes, at: this.#runs[i]!, end: this.#runs[i + 1]! };
      while (reader.at < reader.end) {
        reader.at++;
        names.push(readString(reader));
      }
    }
    return names;
  }
}

/** Parses a DiscoveryRequest. @throws WireError */
export function parseSotwRequest(bytes: Buffer, limits: RequestLimits): SotwRequest {
  const resourceNames = new Names(bytes, 26, limits.names);
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
  const subscribe = new Names(bytes, 26, limits.names);
  const unsubscribe = new Names(bytes, 34, limits.names);
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
