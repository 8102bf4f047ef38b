import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { redactedBody } from "@rxds/core";
import { ClientResourceStatus } from "@rxds/envoy-api/envoy/admin/v3/config_dump_shared";
import {
  type ClientConfig_GenericXdsConfig,
  ClientConfig_GenericXdsConfigSchema,
  ConfigStatus,
} from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { fieldSize, writeBytes } from "../wire/writer.js";
import type { ResourceStatus, SyncStatus } from "./resource-status.js";

/** `GenericXdsConfig.xds_config` */
const XDS_CONFIG = 4;
/** Larger bodies are left out: to take secrets out of them would hold everybody up. */
const LARGEST_BODY = 256 << 10;

/** What a status means for the client, where the server can tell. */
const CLIENT_STATUS: Partial<Record<SyncStatus, ClientResourceStatus>> = {
  SYNCED: ClientResourceStatus.ACKED,
  ERROR: ClientResourceStatus.NACKED,
};

/** One resource of a client as an encoded `GenericXdsConfig`. Bodies are shown without secrets, or not at all. */
export function genericConfig(typeUrl: string, of: ResourceStatus, withBody: boolean): Buffer {
  const head = toBinary(ClientConfig_GenericXdsConfigSchema, describe(typeUrl, of));
  const small = withBody && of.resource !== undefined && of.resource.body.length <= LARGEST_BODY;
  const body = small ? redactedBody(of.resource) : undefined;
  if (body === undefined) return Buffer.from(head.buffer, head.byteOffset, head.length);
  // Fields may come in any order: a body that hides nothing goes out as the bytes that it is.
  const whole = Buffer.allocUnsafeSlow(head.length + fieldSize(body.length));
  whole.set(head);
  writeBytes(whole, head.length, XDS_CONFIG, body);
  return whole;
}

function describe(typeUrl: string, { name, resource, status, rejection }: ResourceStatus): ClientConfig_GenericXdsConfig {
  const versionInfo = resource?.version ?? "";
  const config = create(ClientConfig_GenericXdsConfigSchema, {
    typeUrl,
    name,
    versionInfo,
    configStatus: ConfigStatus[status],
    clientStatus:
      resource === undefined ? ClientResourceStatus.DOES_NOT_EXIST : (CLIENT_STATUS[status] ?? ClientResourceStatus.UNKNOWN),
  });
  if (status === "ERROR") {
    config.errorState = {
      $typeName: "envoy.admin.v3.UpdateFailureState",
      details: rejection?.detail ?? "",
      versionInfo,
      ...(rejection === undefined ? {} : { lastUpdateAttempt: timestampFromMs(rejection.at) }),
    };
  }
  return config;
}
