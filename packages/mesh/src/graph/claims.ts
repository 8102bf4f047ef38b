import { hostPort } from "../compile/names.js";
import { type ServicePort, servicePorts } from "../compile/service-port.js";
import { fullName, type Service } from "../model/document.js";
import { MultiMap } from "./multi-map.js";

type Port = Pick<ServicePort, "port" | "protocol">;

/** Which services want which virtual IPs and ports. */
export class Claims {
  readonly #services = new MultiMap<string, string>();

  /** The service that an address and port belongs to: of several that claim it, the first by name. */
  ownerOf(address: string, port: Port): string | undefined {
    return [...this.#services.get(keyOf(address, port))].sort()[0];
  }

  /** Returns the services that claim some of the same. */
  add(service: Service): Set<string> {
    const name = fullName(service);
    const others = new Set<string>();
    for (const key of keysOf(service)) {
      for (const other of this.#services.get(key)) others.add(other);
      this.#services.add(key, name);
    }
    return others;
  }

  /** Returns the services that claim some of the same. */
  delete(service: Service): Set<string> {
    const name = fullName(service);
    const others = new Set<string>();
    for (const key of keysOf(service)) {
      this.#services.delete(key, name);
      for (const other of this.#services.get(key)) others.add(other);
    }
    return others;
  }
}

function keysOf(service: Service): string[] {
  return servicePorts(service).flatMap((port) => port.addresses.map((address) => keyOf(address, port)));
}

function keyOf(address: string, { port, protocol }: Port): string {
  return `${hostPort(address, port)}/${protocol === "udp" ? "udp" : "tcp"}`;
}
