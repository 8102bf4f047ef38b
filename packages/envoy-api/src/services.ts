import { readFileSync } from "node:fs";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

/** One gRPC method whose messages stay encoded: bytes in, bytes out. Fits grpc-js. */
export interface BytesMethod {
  /** `/package.Service/Method` */
  readonly path: string;
  /** Whether the client sends a stream of messages. */
  readonly requestStream: boolean;
  /** Whether the server sends a stream of messages. */
  readonly responseStream: boolean;
  /** Returns what it is given. */
  readonly requestSerialize: (value: Buffer) => Buffer;
  /** Returns what it is given. */
  readonly requestDeserialize: (bytes: Buffer) => Buffer;
  /** Returns what it is given. */
  readonly responseSerialize: (value: Buffer) => Buffer;
  /** Returns what it is given. */
  readonly responseDeserialize: (bytes: Buffer) => Buffer;
  /** The method's name in lower camel case. */
  readonly originalName?: string;
}

/** A gRPC service definition for grpc-js, by method name (`"DeltaAggregatedResources"`, …). */
export type BytesService = Readonly<Record<string, BytesMethod>>;

let image: ReturnType<typeof loadFileDescriptorSetFromBuffer> | undefined;
const services = new Map<string, BytesService>();
const same = (bytes: Buffer): Buffer => bytes;

/**
 * The definition of one of Envoy's discovery, status or load-report services by its full name, for example
 * `"envoy.service.discovery.v3.AggregatedDiscoveryService"`. Messages are passed through as bytes: encoding and
 * decoding are the caller's.
 *
 * The descriptor image is read on the first call (under 100 ms).
 *
 * @throws Error when the image has no such service; the message lists those it has.
 */
export function bytesService(name: string): BytesService {
  const known = services.get(name);
  if (known !== undefined) return known;
  image ??= loadFileDescriptorSetFromBuffer(readFileSync(new URL("../images/services.binpb", import.meta.url)));
  const definition = image[name];
  if (definition === undefined || "format" in definition) {
    const names = Object.keys(image).filter((key) => key.startsWith("envoy.service.") && key.endsWith("Service"));
    throw new Error(`no service ${JSON.stringify(name)} in the descriptor image; it has ${names.join(", ")}`);
  }
  const methods: Record<string, BytesMethod> = {};
  for (const [key, method] of Object.entries(definition)) {
    methods[key] = {
      path: method.path,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
      ...(method.originalName === undefined ? {} : { originalName: method.originalName }),
    };
  }
  services.set(name, methods);
  return methods;
}
