import { isIP } from "node:net";
import { type Address, type SocketAddress, SocketAddress_Protocol } from "@rxds/envoy-api/envoy/config/core/v3/address";
import type { ResourceProblem } from "../resource/resource.js";

/** What an address is for, which decides what may stand in it. */
export type AddressUse = "ip" | "host";

/** An address in one word, such as `0.0.0.0:80/tcp`; undefined for one that nobody else can occupy. */
export function addressText(address: Address | undefined, bound: boolean): string | undefined {
  const kind = address?.address;
  if (kind?.case === "pipe") return `unix:${kind.value.path}`;
  if (kind?.case !== "socketAddress") return undefined;
  const { address: host, portSpecifier, protocol, networkNamespaceFilepath: space } = kind.value;
  const port = portSpecifier.case === "portValue" ? portSpecifier.value : 0;
  // The system chooses a free one.
  if (bound && port === 0) return undefined;
  const at = isIP(host) === 6 ? `[${host}]` : host;
  return `${at}:${port}/${protocol === SocketAddress_Protocol.UDP ? "udp" : "tcp"}${space && `@${space}`}`;
}

/** What is wrong with an address: a missing one, a name where an IP address is needed, a port out of range. */
export function addressProblems(address: Address | undefined, path: string, use: AddressUse): ResourceProblem[] {
  const kind = address?.address;
  if (kind === undefined || kind.case === undefined) return [{ path, message: "an address is required" }];
  if (kind.case !== "socketAddress") return [];
  return socketAddressProblems(kind.value, `${path}.socket_address`, use);
}

function socketAddressProblems(socket: SocketAddress, path: string, use: AddressUse): ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  const { address, portSpecifier: port } = socket;
  if (address === "") {
    problems.push({ path: `${path}.address`, message: "an address is required" });
  } else if (use === "ip" && socket.resolverName === "" && isIP(address) === 0) {
    problems.push({ path: `${path}.address`, message: `${JSON.stringify(address)} is not an IP address` });
  }
  if (port.case === undefined) {
    problems.push({ path, message: "a port is required: port_value" });
  } else if (port.case === "portValue" && port.value > 65535) {
    problems.push({ path: `${path}.port_value`, message: `port ${port.value} is out of range, expected 0 to 65535` });
  }
  return problems;
}
