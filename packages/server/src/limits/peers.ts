import type { Channel, Peer } from "../stream/channel.js";

/**
 * Whom streams are counted for: the names of the verified certificate, or else the address without the port. Undefined: who
 * it is can't be told, as on a Unix socket.
 */
export function peerKey({ address, certificate }: Peer): string | undefined {
  if (certificate !== undefined) {
    const { subjectAltNames, commonName, fingerprint256 } = certificate;
    return `certificate ${subjectAltNames.join(", ") || commonName || fingerprint256}`;
  }
  const colon = address.lastIndexOf(":");
  // An IPv4 client of a socket that takes both is written as an IPv6 address.
  return colon < 0 ? undefined : `address ${address.slice(0, colon).replace(/^::ffff:(?=[\d.]+$)/i, "")}`;
}

/** Counts the open streams of each peer. */
export class Peers {
  readonly #streams = new Map<string, number>();

  constructor(readonly most: number) {}

  /** Counts a stream; undefined: the peer has too many already. Returns what to call, once, when the stream is over. */
  enter({ peer }: Pick<Channel, "peer">): (() => void) | undefined {
    const key = peerKey(peer);
    if (key === undefined) return () => {};
    const streams = this.#streams.get(key) ?? 0;
    if (streams >= this.most) return undefined;
    this.#streams.set(key, streams + 1);
    return () => {
      const left = (this.#streams.get(key) ?? 0) - 1;
      if (left > 0) this.#streams.set(key, left);
      else this.#streams.delete(key);
    };
  }
}
