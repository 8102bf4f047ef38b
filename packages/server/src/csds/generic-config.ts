import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { redactedBody } from "@rxds/core";
import {
  ClientResourceStatus,
  type UpdateFailureState,
  UpdateFailureStateSchema,
} from "@rxds/envoy-api/envoy/admin/v3/config_dump_shared";
import { ConfigStatus } from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { fieldSize, writeBytes, writeHeader, writeString } from "../wire/writer.js";
import type { ResourceStatus, SyncStatus } from "./resource-status.js";
import type { Sink } from "./sink.js";

/** Larger bodies are left out: to take secrets out of them would hold everybody up. */
const LARGEST_BODY = 256 << 10;

/** What a status means for the client, where the server can tell. */
const CLIENT_STATUS: Readonly<Record<SyncStatus, ClientResourceStatus>> = {
  SYNCED: ClientResourceStatus.ACKED,
  NOT_SENT: ClientResourceStatus.UNKNOWN,
  STALE: ClientResourceStatus.UNKNOWN,
  ERROR: ClientResourceStatus.NACKED,
};

const NOTHING = new Uint8Array();

/** Writes one resource of a client, with its body if that is wanted and can be shown: without secrets, or not at all. */
export function writeGenericConfig(sink: Sink, field: number, typeUrl: string, of: ResourceStatus, withBody: boolean) {
  const { name, resource, status } = of;
  const version = resource?.version ?? "";
  const body = (withBody ? shownBody(of) : undefined) ?? NOTHING;
  const error = status === "ERROR" ? toBinary(UpdateFailureStateSchema, errorState(of)) : NOTHING;
  const clientStatus = resource === undefined ? ClientResourceStatus.DOES_NOT_EXIST : CLIENT_STATUS[status];
  // Both may be a client's words.
  const [typeLength, nameLength] = [Buffer.byteLength(typeUrl), Buffer.byteLength(name)];

  // GenericXdsConfig: type_url = 1, name = 2, version_info = 3, xds_config = 4, config_status = 6, client_status = 7,
  // error_state = 8
  let size = fieldSize(typeLength) + fieldSize(nameLength) + fieldSize(version.length) + 4;
  for (const { length } of [body, error]) if (length > 0) size += fieldSize(length);
  const { into, at: start } = sink.room(fieldSize(size));
  let at = writeHeader(into, start, field, size);
  at = writeString(into, at, 1, typeUrl, typeLength);
  at = writeString(into, at, 2, name, nameLength);
  at = writeString(into, at, 3, version, version.length);
  if (body.length > 0) at = writeBytes(into, at, 4, body);
  // Two enums, of one byte each with their tags.
  at = into.writeUInt8(6 << 3, at);
  at = into.writeUInt8(ConfigStatus[status], at);
  at = into.writeUInt8(7 << 3, at);
  at = into.writeUInt8(clientStatus, at);
  if (error.length > 0) writeBytes(into, at, 8, error);
}

function shownBody({ resource }: ResourceStatus): Uint8Array | undefined {
  return resource !== undefined && resource.body.length <= LARGEST_BODY ? redactedBody(resource) : undefined;
}

function errorState({ resource, error }: ResourceStatus): UpdateFailureState {
  const state = create(UpdateFailureStateSchema, {
    details: error?.detail ?? "",
    versionInfo: resource?.version ?? "",
  });
  if (error !== undefined) state.lastUpdateAttempt = timestampFromMs(error.at);
  return state;
}
