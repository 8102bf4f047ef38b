import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority for the length of a test. */
export interface Authority {
  /** Its certificate, as PEM. */
  readonly cert: string;
  /** Signs a new certificate: `names` are DNS names or URIs. */
  issue(commonName: string, names?: readonly string[]): Promise<Certificate>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
const validity = () => ({ notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) });
const serialNumber = () => `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex")}`;

async function pemOf(cert: X509Certificate, key: webcrypto.CryptoKey): Promise<Certificate> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return { cert: `${cert.toString("pem")}\n`, key: `${PemConverter.encode(der, "PRIVATE KEY")}\n` };
}

function alternatives(names: readonly string[]): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(
    names.map((value) => ({ type: value.includes("://") ? "url" : value.startsWith("127.") ? "ip" : "dns", value })),
  );
}

/** A new self-signed certificate for `localhost` and its key. */
export async function selfSigned(): Promise<Certificate> {
  const keys = await newKeys();
  const cert = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serialNumber(),
    name: "CN=localhost",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [alternatives(["localhost"]), new BasicConstraintsExtension(true)],
  });
  return pemOf(cert, keys.privateKey);
}

/** A new certificate authority. */
export async function authority(commonName = "test authority"): Promise<Authority> {
  const keys = await newKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    cert: `${root.toString("pem")}\n`,
    async issue(subject, names = ["localhost", "127.0.0.1"]) {
      const own = await newKeys();
      const cert = await X509CertificateGenerator.create({
        ...validity(),
        serialNumber: serialNumber(),
        subject: `CN=${subject}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [alternatives(names)],
      });
      return pemOf(cert, own.privateKey);
    },
  };
}
