import { expect, test } from "vitest";
import type { PeerCertificate } from "../stream/channel.js";
import { Peers, peerKey } from "./peers.js";

const peer = (address: string, certificate?: PeerCertificate) => ({ address, certificate, metadata: new Map() });
const web: PeerCertificate = { commonName: "", subjectAltNames: ["URI:spiffe://mesh/web"], fingerprint256: "AA" };

test.each([
  ["an IPv4 address without its port", peer("10.0.0.1:4000"), "address 10.0.0.1"],
  ["the same, mapped into IPv6", peer("::ffff:10.0.0.1:4000"), "address 10.0.0.1"],
  ["an IPv6 address", peer("fd00::1:4000"), "address fd00::1"],
  ["the names of the certificate", peer("10.0.0.1:1", web), "certificate URI:spiffe://mesh/web"],
  ["its common name", peer("a:1", { ...web, subjectAltNames: [], commonName: "web" }), "certificate web"],
  ["its fingerprint", peer("a:1", { ...web, subjectAltNames: [] }), "certificate AA"],
  ["nothing on a Unix socket", peer("unknown"), undefined],
])("a peer is known by %s", (_, who, key) => {
  expect(peerKey(who)).toBe(key);
});

test("each peer has its own count, and gets its place back when a stream is over", () => {
  const peers = new Peers(2);
  const [a, b] = [{ peer: peer("10.0.0.1:1") }, { peer: peer("10.0.0.2:1") }];
  const leave = peers.enter(a);
  expect(peers.enter(a)).toBeDefined();
  expect(peers.enter(a)).toBeUndefined();
  expect(peers.enter(b)).toBeDefined();
  leave?.();
  expect(peers.enter(a)).toBeDefined();
  expect(peers.enter(a)).toBeUndefined();
});
