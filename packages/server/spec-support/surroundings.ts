import type { Response } from "./messages.js";
import type { Content } from "./model.js";
import type { Kind } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

/** A stream to the server. */
export interface Wire {
  send(bytes: Buffer): void;
  /** Ends it; nothing is heard of it afterwards. */
  end(): void;
  /** Says that nothing more will be said: the server ends it. */
  halfClose(): void;
}

/** What a client hears from its streams. */
export interface WireListener {
  /** The server wrote a response, which has not arrived. A transport that can't see this leaves it out. */
  written(bytes: Buffer): void;
  received(bytes: Buffer): void;
  ended(code: string, details: string): void;
}

/** Where a client lives. */
export interface Surroundings {
  /** Opens a stream: of one kind, or for all. */
  open(client: XdsTestClient, kind: Kind | undefined, listener: WireListener): Wire;
  /** Whether `written` is called for each response at once: then it is known what the server has been told. */
  readonly exact: boolean;
  /** Counts the changes of the configuration and of views. */
  readonly changes: number;
  /** What a client is shown; undefined: nothing yet. */
  seen(client: XdsTestClient): Content | undefined;
  /** The server wrote a response; `told` is up to date. */
  check(client: XdsTestClient, topic: Topic, response: Response): void;
  trace(line: string): void;
  readonly fail: (message: string) => void;
}
