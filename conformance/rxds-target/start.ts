import { createOpaqueResource, createSnapshot, createStore, type Resource, serveXds, type XdsServer } from "rxds";
import type { Capabilities, StateResource } from "../control/protocol.js";
import { serveControl } from "./control-server.js";

/** A server under test. */
export interface Target extends AsyncDisposable {
  /** Where it speaks xDS: `host:port`. */
  readonly address: string;
  /** Where it is controlled: `http://host:port`. */
  readonly control: string;
}

/** Small, so that a test need not make much. */
const RESPONSE_BYTES = 100_000;

/** What rxds can do of what a server need not. */
const CAPABILITIES: Capabilities = {
  name: "rxds",
  capabilities: ["aliases", "csds", "lrs", "partial", "restart", "search", "split", "ttl", "vhds", "xdstp"],
  split_bytes: RESPONSE_BYTES,
};

/** Starts rxds with a control endpoint. */
export async function startRxdsTarget(): Promise<Target> {
  let snapshot = createSnapshot([]);
  let store = createStore();
  const serve = (address: string): Promise<XdsServer> => {
    // After a restart nothing is left but the configuration.
    store = createStore();
    store.replace(snapshot);
    return serveXds({
      address,
      snapshots: store,
      // What waits for what, beyond the protocol, has tests of its own.
      hitless: false,
      limits: { responseBytes: RESPONSE_BYTES },
      loadReports: { intervalMs: 1000 },
    });
  };
  let xds = await serve("127.0.0.1:0");
  const { address } = xds;
  const { server, url } = await serveControl({
    capabilities: () => CAPABILITIES,
    put({ resources }) {
      const next = createSnapshot(resources.map(toResource));
      store.replace(next);
      snapshot = next;
    },
    async restart() {
      await xds.close(0);
      xds = await serve(address);
    },
  });
  return {
    address,
    control: url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await xds.close(0);
    },
  };
}

function toResource({ type_url, name, value, aliases, ttl_ms }: StateResource): Resource {
  const any = { typeUrl: type_url, value: Buffer.from(value, "base64") };
  return createOpaqueResource(any, name, {
    ...(aliases === undefined ? {} : { aliases }),
    ...(ttl_ms === undefined ? {} : { ttl: ttl_ms }),
  });
}
