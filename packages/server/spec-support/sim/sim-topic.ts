import type { SimProtocol, SimRequest, SimResponse } from "./sim-messages.js";

/** What the simulated Envoy has said and heard of one type on one stream; `accepted` outlives the stream. */
export class SimTopic {
  /** Whether anything was said of the type on this stream. */
  begun = false;
  readonly names = new Set<string>();
  #nonce = "";
  /** State of the world: the last accepted version. */
  #version = "";
  /** Delta: the versions of accepted responses. After a NACK this is not what is in use. */
  readonly #accepted = new Map<string, string>();

  constructor(
    readonly type: string,
    readonly wildcard: boolean,
    readonly protocol: SimProtocol,
    readonly send: (request: SimRequest) => void,
  ) {}

  /** The stream is over. */
  end(): void {
    this.begun = false;
    this.#nonce = "";
  }

  /** The first request on a stream. */
  begin(): void {
    this.begun = true;
    if (!this.wildcard)
      for (const name of this.#accepted.keys()) if (!this.names.has(name)) this.#accepted.delete(name);
    this.#say({ about: "first", names: [...this.names], initialVersions: Object.fromEntries(this.#accepted) });
  }

  /** Asks for exactly these names; `again`: even if they are the same, in state of the world. */
  want(names: ReadonlySet<string>, again = false): void {
    const more = [...names].filter((name) => !this.names.has(name));
    const less = [...this.names].filter((name) => !names.has(name));
    for (const name of more) this.names.add(name);
    for (const name of less) {
      this.names.delete(name);
      this.#accepted.delete(name);
    }
    if (!this.begun) {
      if (this.names.size > 0) this.begin();
      return;
    }
    const changed = more.length > 0 || less.length > 0;
    if (this.protocol === "sotw") {
      if (changed || (again && names.size > 0)) this.#say({ nonce: this.#nonce, names: [...this.names] });
    } else if (changed) this.#say({ names: more, unsubscribe: less });
  }

  /** Takes all of a response as good, which may be long before it is answered. */
  accept({ version, resources, removed }: SimResponse): void {
    // In state of the world it looks at nothing of a type of which it wants nothing, and answers with the version of before.
    if (this.wildcard || this.names.size > 0) this.#version = version;
    for (const resource of resources) {
      if (this.wildcard || this.names.has(resource.name)) this.#accepted.set(resource.name, resource.version);
    }
    for (const name of removed) this.#accepted.delete(name);
  }

  /** Answers a response. */
  answer({ nonce }: SimResponse, error: string | undefined): void {
    this.#nonce = nonce;
    this.#say({ about: "answer", nonce, error, names: this.protocol === "sotw" ? [...this.names] : [] });
  }

  #say(part: Partial<SimRequest>): void {
    const { type } = this;
    const version = this.protocol === "sotw" ? this.#version : "";
    const usual = { nonce: "", names: [], unsubscribe: [], initialVersions: {}, error: undefined };
    this.send({ ...usual, type, version, about: "names", ...part });
  }
}
