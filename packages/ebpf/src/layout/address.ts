import { isIPv4, isIPv6 } from "node:net";

/**
 * An IP address as 16 bytes in network order, IPv4 as ::ffff:a.b.c.d: as the programs compare them.
 *
 * @throws TypeError for what is no address. A zone (`fe80::1%eth0`) is none: an entry holds on the whole node.
 */
export function addressBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  if (isIPv4(text)) {
    bytes[10] = bytes[11] = 0xff;
    bytes.set(text.split(".").map(Number), 12);
    return bytes;
  }
  if (!isIPv6(text) || text.includes("%")) {
    throw new TypeError(`expected an IPv4 or IPv6 address, got ${JSON.stringify(text)}`);
  }
  const [head = "", tail] = text.split("::");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const words = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  for (const [i, word] of words.entries()) {
    bytes[2 * i] = word >> 8;
    bytes[2 * i + 1] = word & 0xff;
  }
  return bytes;
}

/** The sixteen-bit words of a part of an IPv6 address; the last may be an IPv4 address. */
function groups(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((word) => {
    if (!word.includes(".")) return [Number.parseInt(word, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Whether an address of 16 bytes is an IPv4 one. */
export function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/** The text of an address of 16 bytes, IPv6 as RFC 5952 writes it. */
export function addressText(bytes: Uint8Array): string {
  if (isMapped(bytes)) return bytes.subarray(12, 16).join(".");
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  // The longest run of zeros, the first of equals, of at least two words (RFC 5952, 4.2).
  let [best, length] = [0, 1];
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (words[i + n] === "0") n++;
    if (n > length) [best, length] = [i, n];
  }
  if (length === 1) return words.join(":");
  return `${words.slice(0, best).join(":")}::${words.slice(best + length).join(":")}`;
}
