import { constants } from "node:http2";
import { Metadata, type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { Channel, Peer, PeerCertificate } from "../stream/channel.js";
import { type Body, withNonce } from "../wire/response.js";
import { reset } from "./reset.js";

/** How long a client may take to read what it was sent before its stream was ended, in ms. */
const READ_ON_MS = 5000;

/** What is handed to grpc-js: turned into bytes only when it is copied. */
export interface Frame {
  readonly body: Body;
  readonly nonce: string;
}

/** A call of a bidirectional discovery method. */
export type DiscoveryCall = ServerDuplexStream<Buffer, Frame>;

/**
 * The response serializer. grpc-js copies what it returns, at once, into a buffer of the call's own: so the nonce can be
 * written behind the shared body, and the next stream's over it.
 */
export function serializeFrame({ body, nonce }: Frame): Buffer {
  return withNonce(body, nonce);
}

/** A grpc-js call as a channel. */
export function grpcChannel(call: DiscoveryCall): Channel {
  return {
    peer: peerOf(call),
    write(body, nonce, done) {
      call.write({ body, nonce } satisfies Frame, () => done());
    },
    pause: () => void call.pause(),
    resume: () => void call.resume(),
    end(code, details, abrupt = false) {
      if (code === "OK") call.end();
      else call.emit("error", { code: status[code], details, metadata: new Metadata() });
      const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_CANCEL } = constants;
      // A client of gRPC turns the first into RESOURCE_EXHAUSTED.
      const rst = code === "RESOURCE_EXHAUSTED" ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_CANCEL;
      if (abrupt) reset(call, rst);
      else if (call.writableLength > 0) {
        const late = setTimeout(() => call.writableFinished || reset(call, rst), READ_ON_MS);
        late.unref();
        call.once("close", () => clearTimeout(late));
      }
    },
  };
}

/** Who is at the other end of a call of whatever method. */
export function peerOf(call: Pick<DiscoveryCall, "metadata" | "getPeer" | "getAuthContext">): Peer {
  const metadata = new Map<string, readonly string[]>();
  for (const key of Object.keys(call.metadata.getMap())) {
    metadata.set(
      key,
      call.metadata.get(key).filter((value) => typeof value === "string"),
    );
  }
  const context = call.getAuthContext();
  const certificate = context.sslPeerCertificate;
  return {
    address: call.getPeer(),
    metadata,
    certificate: certificate?.subject === undefined ? undefined : certificateOf(certificate),
  };
}

function certificateOf(certificate: {
  readonly subject: { readonly CN?: string | string[] };
  readonly subjectaltname?: string | undefined;
  readonly fingerprint256: string;
}): PeerCertificate {
  const { CN: name = "" } = certificate.subject;
  return {
    commonName: Array.isArray(name) ? (name[0] ?? "") : name,
    subjectAltNames: certificate.subjectaltname?.split(", ") ?? [],
    fingerprint256: certificate.fingerprint256,
  };
}
