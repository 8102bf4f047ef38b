import { connect } from "node:tls";

/** The common name of the certificate that a TLS server shows. With `ca`, it must have been signed by that authority. */
export function subjectShown(address: string, ca?: string): Promise<string> {
  const [host, port] = address.split(":");
  const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), servername: "localhost", ...trust }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
