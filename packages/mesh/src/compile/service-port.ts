import { fullName, type Service } from "../model/document.js";
import { clusterName } from "./names.js";

/** How the bytes of a port are understood. */
export type Protocol = "http" | "grpc" | "tcp" | "udp";

/** One port of one service. */
export interface ServicePort {
  /** `"namespace/name"`. */
  readonly service: string;
  /** The service's virtual IPs. */
  readonly addresses: readonly string[];
  /** The port that clients dial. */
  readonly port: number;
  /** The port that the workloads listen on. */
  readonly targetPort: number;
  readonly protocol: Protocol;
  /** The name of its cluster. */
  readonly cluster: string;
}

/** The ports of a service, in the order in which they are written. */
export function servicePorts(document: Service): ServicePort[] {
  const service = fullName(document);
  const { addresses = [], ports } = document.spec;
  return ports.map(({ port, targetPort = port, protocol = "tcp" }) => ({
    service,
    addresses,
    port,
    targetPort,
    protocol,
    cluster: clusterName(service, port),
  }));
}

/** Whether requests of a port can be routed one by one. */
export const isHttp = ({ protocol }: Pick<ServicePort, "protocol">): boolean =>
  protocol === "http" || protocol === "grpc";
