import { create } from "@bufbuild/protobuf";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import type { XdsEvent, XdsServer } from "rxds";

/** A resource of that many bytes; each value is other bytes. */
export const large = (bytes: number, value = 0) =>
  create(SecretSchema, {
    name: "large",
    type: {
      case: "genericSecret",
      value: { secret: { specifier: { case: "inlineString", value: String(value).padEnd(bytes, ".") } } },
    },
  });

/** Keeps what a server says; `limited`: the limits because of which streams were ended. */
export function record(server: XdsServer): { readonly events: readonly XdsEvent[]; limited(): readonly string[] } {
  const events: XdsEvent[] = [];
  server.events$.subscribe((event) => events.push(event));
  return { events, limited: () => events.flatMap((event) => (event.kind === "limited" ? [event.limit] : [])) };
}
