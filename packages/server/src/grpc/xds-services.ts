import type { Server, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { type BytesService, bytesService } from "@rxds/envoy-api/services";
import type { Protocol } from "../fanout/body-cache.js";
import type { LoadReporting } from "../lrs/load-report.js";
import { createLoadReports } from "../lrs/load-reports.js";
import { createXdsCore, type XdsCore, type XdsStatus } from "../xds-core.js";
import type { XdsOptions } from "../xds-options.js";
import { addFurtherServices } from "./further-services.js";
import { type DiscoveryCall, grpcChannel, serializeFrame } from "./grpc-channel.js";
import { DISCOVERY_SERVICES } from "./services.js";

/** The services of one control plane, to be registered on a grpc-js server of your own. */
export interface XdsServices extends XdsStatus, LoadReporting {
  /** Registers all services. Raise `grpc.max_receive_message_length`: Envoy's requests pass 4 MB at scale. */
  addTo(server: Server): void;
  /** Ends every stream and lets go of the sources. */
  close(): void;
}

/**
 * The discovery services (aggregated and per type, state of the world and delta) for a grpc-js server that you own: with
 * other services on the same port, say. Credentials, limits on messages and keepalive are that server's. `serveXds` does
 * all of it for you.
 *
 * @throws XdsOptionError when an option has a value that can't be meant.
 * @throws RangeError when an option is out of its range.
 */
export function xdsServices(options: XdsOptions): XdsServices {
  const loads = createLoadReports(options);
  const core = createXdsCore(options);
  startSource(core, options);
  const closing = [() => core.close(), () => loads.close()];
  return {
    ...statusOf(core),
    loadReports$: loads.loadReports$,
    addTo(server) {
      addServices(server, core);
      closing.push(addFurtherServices(server, core, loads, options));
    },
    close() {
      for (const close of closing) close();
    },
  };
}

/** Starts a source for everybody on a later turn, so that who made the services hears of its first event. */
export function startSource(core: XdsCore, { snapshots }: XdsOptions): void {
  if (typeof snapshots !== "function") setImmediate(() => core.warm(""));
}

/** The part of a core that users see. */
export function statusOf(core: XdsCore): XdsStatus {
  const { events$, clients$, clients, listenerReady, ready, converged, holds, held, release } = core;
  return { events$, clients$, clients, listenerReady, ready, converged, holds, held, release };
}

/** Registers all discovery services of a core. */
export function addServices(server: Server, core: XdsCore): void {
  for (const [name, typeUrl] of DISCOVERY_SERVICES) {
    const definition = bytesService(name);
    server.addService(streaming(definition), handlers(definition, core, typeUrl));
  }
}

/** The service with our serializer for the responses of its streams. */
function streaming(service: BytesService): ServiceDefinition {
  const methods: Record<string, ServiceDefinition[string]> = {};
  for (const [name, method] of Object.entries(service)) {
    methods[name] = method.responseStream ? { ...method, responseSerialize: serializeFrame } : method;
  }
  return methods;
}

function handlers(service: BytesService, core: XdsCore, typeUrl: string | undefined): UntypedServiceImplementation {
  const found: UntypedServiceImplementation = {};
  for (const [name, { responseStream }] of Object.entries(service)) {
    const protocol: Protocol = name.startsWith("Delta") ? "delta" : "sotw";
    if (responseStream) found[name] = (call: DiscoveryCall) => serveCall(call, core, protocol, typeUrl);
  }
  return found;
}

function serveCall(call: DiscoveryCall, core: XdsCore, protocol: Protocol, typeUrl: string | undefined): void {
  const stream = core.open(grpcChannel(call), protocol, typeUrl);
  call.on("data", (bytes: Buffer) => stream.message(bytes));
  // A client that half-closes wants no more of it.
  call.on("end", () => {
    stream.over();
    call.end();
  });
  call.on("cancelled", () => stream.over());
  call.on("close", () => stream.over());
  call.on("error", () => stream.over());
}
