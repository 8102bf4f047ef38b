/**
 * A program for Node.js: a DNS server on a UDP port of both families that answers every question with 192.0.2.7 (RFC 1035, 4.1). It ends
 * when it was asked something, and then nothing for a second.
 */
export function dnsServer(port: number): string {
  return `
    const { createSocket } = require("node:dgram");
    const sockets = ["udp4", "udp6"].map((type) => createSocket({ type, ipv6Only: type === "udp6" }));
    let idle;
    for (const socket of sockets) {
      socket.on("message", (question, from) => {
        let end = 12;
        while (question[end] !== 0) end += question[end] + 1;
        const head = Buffer.from(question.subarray(0, 12));
        head.writeUInt16BE(0x8180, 2);
        head.fill(0, 6);
        head.writeUInt16BE(1, 6);
        const record = Buffer.from("c00c000100010000003c0004c0000207", "hex");
        socket.send(Buffer.concat([head, question.subarray(12, end + 5), record]), from.port, from.address);
        clearTimeout(idle);
        idle = setTimeout(() => sockets.forEach((one) => one.close()), 1000);
      });
      socket.bind(${port});
    }
  `;
}
