import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";

const bytes = (value: Buffer): Buffer => value;

/** A method without a schema: what is sent and answered is plain bytes. */
const method = (path: string) => ({
  path,
  requestStream: false as const,
  responseStream: false as const,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

/** Paths of the two methods that a backend has. */
export const WHO = "/rxds.test.Backend/Who";
export const OTHER = "/rxds.test.Backend/Other";

const service: ServiceDefinition = { who: method(WHO), other: method(OTHER) };

/** A gRPC server that answers with its name. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  /** `127.0.0.1:port` */
  readonly address: string;
}

/** Starts a backend on a free port. */
export async function startBackend(name: string): Promise<Backend> {
  const server = new Server();
  const answer: UntypedServiceImplementation[string] = (
    _call: unknown,
    callback: (error: null, value: Buffer) => void,
  ) => callback(null, Buffer.from(name));
  server.addService(service, { who: answer, other: answer });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    name,
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}
