import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";

const text = {
  serialize: (value: string) => Buffer.from(value),
  deserialize: (bytes: Buffer) => bytes.toString(),
};

/** A service with one method, from text to text. Yours is generated from a .proto file. */
const greeter = {
  greet: {
    path: "/example.Greeter/Greet",
    requestStream: false,
    responseStream: false,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
} as const;

/** Starts a server on a free port. Resolves with its address. */
export async function startGreeter(name: string): Promise<{ address: string; stop: () => void }> {
  const server = new Server();
  server.addService(greeter, {
    greet: ({ request }: ServerUnaryCall<string, string>, answer: sendUnaryData<string>) =>
      answer(null, `hello ${request}, this is ${name}`),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

const GreeterClient = makeGenericClientConstructor(greeter, "example.Greeter");

/** A client of whatever servers `target` resolves to. */
export function greeterClient(target: string) {
  const client = new GreeterClient(target, credentials.createInsecure());
  const greet = (who: string) =>
    new Promise<string>((resolve, reject) => {
      client.greet?.(who, { deadline: Date.now() + 5000 }, (error: Error | null, answer: string) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
  return { greet, close: () => client.close() };
}
