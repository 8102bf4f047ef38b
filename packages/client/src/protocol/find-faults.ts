import { createResource, resourceSize, type XdsResource } from "../resource.js";
import type { DeltaResponse, WireResource } from "./messages.js";
import { isWanted, type SubStream } from "./sub-stream.js";

/** Says why a resource cannot be used, or undefined when it can. Must not throw. */
export type Judge = (resource: XdsResource) => string | undefined;

/** A response that was looked at: either its faults, or its resources ready to be held. */
export interface Verdict {
  /** What is wrong, a sentence per fault. Empty: the response can be applied as a whole. */
  readonly faults: readonly string[];
  /** The new resources, by name: those that have a body and match a subscription. */
  readonly resources: ReadonlyMap<string, XdsResource>;
}

/** The type whose bodiless resources mean "no such virtual host" and which therefore has no heartbeats. */
export const VIRTUAL_HOST = "type.googleapis.com/envoy.config.route.v3.VirtualHost";

/** Looks for everything that makes a response unusable, without changing any state. */
export function findFaults(sub: SubStream, response: DeltaResponse, judge: Judge): Verdict {
  const faults: string[] = [];
  const resources = new Map<string, XdsResource>();
  const names = new Set<string>();
  for (const wire of response.resources) {
    if (names.has(wire.name)) faults.push(`${quote(wire.name)}: duplicate name among the resources`);
    names.add(wire.name);
    const fault = wireFault(sub, wire);
    if (fault !== undefined) {
      faults.push(`${quote(wire.name)}: ${fault}`);
    } else if (wire.body !== undefined && isWanted(sub, wire.name, wire.aliases)) {
      const resource = createResource({
        typeUrl: sub.typeUrl,
        name: wire.name,
        version: wire.version,
        aliases: wire.aliases,
        value: wire.body.value,
      });
      const refusal = judge(resource);
      if (refusal !== undefined) faults.push(`${quote(wire.name)}: ${refusal}`);
      resources.set(wire.name, resource);
    }
  }
  for (const name of response.removed) {
    if (names.has(name)) faults.push(`${quote(name)}: duplicate name among the resources and the removed resources`);
    names.add(name);
  }
  const excess = excessFault(sub, response, resources);
  if (excess !== undefined) faults.push(excess);
  return { faults, resources };
}

function wireFault(sub: SubStream, wire: WireResource): string | undefined {
  if (wire.name === "") return "a resource must have a name";
  if (wire.ttlMs !== undefined && !(wire.ttlMs > 0)) return `the time to live must be positive, not ${wire.ttlMs} ms`;
  if (wire.body !== undefined) {
    return wire.body.typeUrl === sub.typeUrl
      ? undefined
      : `its type is ${quote(wire.body.typeUrl)}, but the response's is ${quote(sub.typeUrl)}`;
  }
  if (sub.typeUrl === VIRTUAL_HOST || !isWanted(sub, wire.name, wire.aliases)) return undefined;
  const held = sub.held.get(wire.name)?.version;
  if (held === wire.version) return undefined;
  const state = held === undefined ? "the resource is not held" : `version ${quote(held)} is held`;
  return `a heartbeat for version ${quote(wire.version)}, but ${state}`;
}

function excessFault(
  sub: SubStream,
  response: DeltaResponse,
  resources: ReadonlyMap<string, XdsResource>,
): string | undefined {
  let count = sub.held.size;
  let bytes = sub.bytes;
  for (const [name, resource] of resources) {
    const old = sub.held.get(name);
    count += old === undefined ? 1 : 0;
    bytes += resourceSize(resource) - (old === undefined ? 0 : resourceSize(old));
  }
  for (const name of response.removed) {
    const old = sub.held.get(name);
    if (old === undefined) continue;
    count -= 1;
    bytes -= resourceSize(old);
  }
  if (resources.size === 0) return undefined;
  if (count > sub.limits.resources)
    return `${count} resources would pass the client's limit of ${sub.limits.resources}`;
  if (bytes > sub.limits.bytes) return `${bytes} bytes would pass the client's limit of ${sub.limits.bytes}`;
  return undefined;
}

const quote = (text: string): string => JSON.stringify(text);
