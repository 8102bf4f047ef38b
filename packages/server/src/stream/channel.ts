import type { Body } from "../wire/response.js";

/** Who is at the other end, as far as the transport knows. */
export interface Peer {
  /** `host:port`, as the transport writes it. */
  readonly address: string;
  /** The client's certificate was verified, and this is its subject and its names; undefined: no client certificate. */
  readonly certificate: PeerCertificate | undefined;
  /** The call's metadata: ASCII values by lower-case key. Never logged: it may hold credentials. */
  readonly metadata: ReadonlyMap<string, readonly string[]>;
}

/** The verified certificate of a client. */
export interface PeerCertificate {
  /** The subject's common name; empty when it has none. */
  readonly commonName: string;
  /** Subject alternative names as OpenSSL writes them: `URI:spiffe://…`, `DNS:…`. */
  readonly subjectAltNames: readonly string[];
  /** SHA-256 of the certificate, as hexadecimal pairs with colons. */
  readonly fingerprint256: string;
}

/** Status codes that the server ends a stream with (gRPC's). */
export type StatusCode =
  | "OK"
  | "INVALID_ARGUMENT"
  | "PERMISSION_DENIED"
  | "DEADLINE_EXCEEDED"
  | "RESOURCE_EXHAUSTED"
  | "UNAVAILABLE"
  | "INTERNAL"
  | "UNAUTHENTICATED";

/** A two-way stream of messages: what a transport gives the server. Small enough to implement twice. */
export interface Channel {
  readonly peer: Peer;
  /**
   * Sends one response: the body with the nonce behind it. The body is shared with other streams and must not be changed
   * or kept. `done` is called once, when the transport has passed the bytes on and takes more, or has failed.
   */
  write(body: Body, nonce: string, done: () => void): void;
  /** Stops delivering messages until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Ends the stream. `abrupt`: at once; what was not passed on is thrown away, and maybe the status too. Default: false. */
  end(code: StatusCode, details: string, abrupt?: boolean): void;
}

/** What the server tells the transport to call. */
export interface ChannelHandler {
  /** One encoded request. The bytes may be kept only during the call. */
  message(bytes: Buffer): void;
  /** The stream is over, for whatever reason. */
  over(): void;
}
