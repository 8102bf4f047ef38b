import type { Server, ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { bytesService } from "@rxds/envoy-api/services";
import { asCallError, CallError, type Warn } from "../calls/call-error.js";
import { CallGuards } from "../calls/call-guards.js";
import { SerialCall } from "../calls/serial-call.js";
import { createClientStatusService } from "../csds/client-status-service.js";
import type { Limits } from "../limits/limits.js";
import type { XdsCore } from "../xds-core.js";
import { bytesCall, type DuplexCall, listen, statusOfError } from "./bytes-call.js";

/** The client status discovery service (CSDS). */
const CLIENT_STATUS = "envoy.service.status.v3.ClientStatusDiscoveryService";

/** Registers CSDS for the streams of a core. Returns what ends its calls. */
export function addClientStatus(server: Server, core: XdsCore, limits: Limits, warn: Warn): () => void {
  const guards = new CallGuards(limits);
  const service = createClientStatusService(core.streams, warn);
  const calls = new Set<SerialCall>();
  const respond = async (request: Buffer, call: SerialCall): Promise<void> => {
    await call.write(await service.answer(request, () => call.isOver));
  };
  server.addService(bytesService(CLIENT_STATUS), {
    StreamClientStatus(call: DuplexCall) {
      const handler = new SerialCall(bytesCall(call), respond, (over) => calls.delete(over), warn, guards);
      calls.add(handler);
      listen(call, handler.open());
    },
    FetchClientStatus(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      service
        .answer(call.request, () => call.cancelled)
        .then(
          (response) => done(null, response),
          (error: unknown) => done(statusOfError(asCallError(error, warn))),
        );
    },
  });
  return () => {
    service.close();
    guards.close();
    for (const call of [...calls]) call.end(new CallError("UNAVAILABLE", "the server is closing"));
  };
}
