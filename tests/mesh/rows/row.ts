import type { HttpRequest } from "@rxds/testkit";
import type { World } from "../lab/world.js";

/** Something that is asked of a mesh, and what must come of it in every topology. */
export interface Row {
  readonly name: string;
  /** The fields of documents whose effect it shows: without one of them something else would come of it. */
  readonly covers: readonly string[];
  readonly ask: (asker: Asker) => Promise<unknown>;
  readonly expect: unknown;
}

/** What of an answer rows look at. */
export interface Answer {
  readonly status?: number;
  /** The backend that answered. */
  readonly by?: string;
  /** The path that it was asked for. */
  readonly path?: string;
  /** The headers that it got. */
  readonly received?: Readonly<Record<string, string | readonly string[]>>;
  /** The headers that came back. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly error?: string;
}

/** Asks a mesh, from its pods. Workloads and services are `"namespace/name"`; `default` may be left out. */
export interface Asker {
  readonly world: World;
  http(from: string, service: string, request?: Omit<HttpRequest, "url">): Promise<Answer>;
  /** Status and backend of one request. */
  brief(from: string, service: string, request?: Omit<HttpRequest, "url">): Promise<string>;
  tcp(from: string, service: string, port: number, send?: string): Promise<string>;
  udp(from: string, service: string, port: number, send: string): Promise<string>;
  /** A number of the Envoy that carries a workload's connections, of one cluster: `"upstream_rq_retry"`. */
  stat(from: string, cluster: string, name: string): Promise<number>;
  /** By how much a number grows while something is done. */
  growth(from: string, cluster: string, name: string, action: () => Promise<unknown>): Promise<number>;
  /** The virtual IPs of a service. */
  addresses(service: string): readonly string[];
}
