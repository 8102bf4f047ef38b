import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";
import { eventually, withEnvoy } from "@rxds/testkit";
import { createResource, type Resource, type ResourceItem, resourceType } from "rxds";
import { SimEnvoy } from "../../packages/server/spec-support/sim/sim-envoy.js";
import { type SimProtocol, simResource, writeSimRequest } from "../../packages/server/spec-support/sim/sim-messages.js";

/** A real Envoy and a simulated one that are sent the same. */
export interface Twins {
  readonly simulated: SimEnvoy;
  /** Sends both a response of one type; returns what each said because of it, when the real one has said as much. */
  say(items: readonly ResourceItem[], removed?: readonly string[], type?: string): Promise<Said>;
  /** Lets the simulated one's time pass; returns what each said because of it. */
  wait(ms: number): Promise<Said>;
  /** Both lose their stream, and open a new one. */
  reconnect(): Promise<Said>;
}

/** What both said, in the same words, sorted. */
export interface Said {
  readonly simulated: readonly string[];
  readonly real: readonly string[];
}

/** Starts both, connected. `first` is what they said so far. */
export async function withTwins(
  protocol: SimProtocol,
  run: (twins: Twins, first: Said) => Promise<void>,
): Promise<void> {
  const real: string[] = [];
  const simulated: string[] = [];
  let call: ServerDuplexStream<Buffer, Buffer> | undefined;
  let nonces = 0;
  const opened = (stream: ServerDuplexStream<Buffer, Buffer>) => {
    call = stream;
    stream.on("data", (bytes: Buffer) => real.push(inWords(protocol, bytes)));
    stream.on("error", () => {});
  };
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService"), {
    DeltaAggregatedResources: opened,
    StreamAggregatedResources: opened,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const sim = new SimEnvoy({
    protocol,
    times: { drainMs: 2000 },
    send: (request) => simulated.push(inWords(protocol, writeSimRequest(protocol, request))),
  });

  const said = () =>
    eventually(
      () => {
        if (real.length < simulated.length)
          throw new Error(`simulated:\n${simulated.join("\n")}\nreal:\n${real.join("\n")}`);
        return { simulated: simulated.splice(0).sort(), real: real.splice(0).sort() };
      },
      { deadlineMs: 10_000 },
    );

  const twins: Twins = {
    simulated: sim,
    say(items, removed = [], ofType) {
      const resources = items.map((item) => ("$typeName" in item ? createResource(item) : item));
      const type = ofType ?? resources[0]?.type ?? "";
      const nonce = `${++nonces}`;
      call?.write(responseBytes(protocol, type, nonce, resources, removed));
      const bodies = resources.map(({ name, version, body }) => simResource(name, version, body));
      sim.receive({ type, nonce, version: nonce, resources: bodies, removed });
      return said();
    },
    wait(ms) {
      sim.tick(ms);
      return said();
    },
    reconnect() {
      sim.disconnect();
      call?.end();
      sim.connect();
      return said();
    },
  };
  try {
    const options = {
      ads: `127.0.0.1:${port}`,
      mode: protocol,
      drainTimeSeconds: 2,
      node: { id: "twin", cluster: "c" },
    };
    await withEnvoy(options, async () => {
      sim.connect();
      await run(twins, await said());
    });
  } finally {
    server.forceShutdown();
  }
}

function responseBytes(
  protocol: SimProtocol,
  typeUrl: string,
  nonce: string,
  resources: readonly Resource[],
  removedResources: readonly string[],
): Buffer {
  const anys = resources.map(({ body }) => fromBinary(AnySchema, body));
  if (protocol === "sotw") {
    const message = create(DiscoveryResponseSchema, { typeUrl, nonce, versionInfo: nonce, resources: anys });
    return Buffer.from(toBinary(DiscoveryResponseSchema, message));
  }
  const message = create(DeltaDiscoveryResponseSchema, {
    typeUrl,
    nonce,
    removedResources: [...removedResources],
    resources: resources.map(({ name, version }, i) => ({ name, version, resource: anys[i]! })),
  });
  return Buffer.from(toBinary(DeltaDiscoveryResponseSchema, message));
}

/** A request in words that do not depend on an order, or on what exactly is said of an error. */
function inWords(protocol: SimProtocol, bytes: Uint8Array): string {
  if (protocol === "sotw") {
    const { typeUrl, responseNonce, versionInfo, resourceNames, errorDetail } = fromBinary(
      DiscoveryRequestSchema,
      bytes,
    );
    const names = [...resourceNames].sort();
    return [
      resourceType(typeUrl).label,
      `nonce=${responseNonce}`,
      `version=${versionInfo}`,
      `[${names}]`,
      errorDetail && "NACK",
    ]
      .filter(Boolean)
      .join(" ");
  }
  const request = fromBinary(DeltaDiscoveryRequestSchema, bytes);
  const lists = [
    request.resourceNamesSubscribe,
    request.resourceNamesUnsubscribe,
    Object.keys(request.initialResourceVersions),
  ];
  const [more, less, held] = lists.map((names) => `[${[...names].sort()}]`);
  const words = [
    `nonce=${request.responseNonce}`,
    `+${more}`,
    `-${less}`,
    `holds=${held}`,
    request.errorDetail && "NACK",
  ];
  return [resourceType(request.typeUrl).label, ...words].filter(Boolean).join(" ");
}
