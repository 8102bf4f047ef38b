import { type DescMessage, fromJsonString, type MessageShape } from "@bufbuild/protobuf";
import { type Clusters, ClustersSchema } from "@rxds/envoy-api/envoy/admin/v3/clusters";
import { type ConfigDump, ConfigDumpSchema } from "@rxds/envoy-api/envoy/admin/v3/config_dump";
import { type Listeners, ListenersSchema } from "@rxds/envoy-api/envoy/admin/v3/listeners";
import { type Memory, MemorySchema } from "@rxds/envoy-api/envoy/admin/v3/memory";
import { type ServerInfo, ServerInfoSchema } from "@rxds/envoy-api/envoy/admin/v3/server_info";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { messageOf, TestkitError } from "../error.js";
import { eventually } from "../eventually.js";
import { type HttpGetOptions, type HttpResponse, httpGet } from "../http/get.js";
import { addressText } from "./address.js";

/** How a call of the admin interface may be told to be. */
export interface AdminOptions {
  /** `POST` for whatever changes something. Default `GET`. */
  readonly method?: "GET" | "POST";
  /** Milliseconds until the answer must be there. Default 10000. */
  readonly timeoutMs?: number;
}

/** How long to wait for a state of Envoy. */
export interface WaitOptions {
  /** Milliseconds. Default 10000. */
  readonly deadlineMs?: number;
}

/**
 * Envoy's admin interface, decoded. Fields that this version of the API does not know are ignored, so that other
 * versions of Envoy can be read too. Every call throws TestkitError `admin-failed` when the interface cannot be reached,
 * answers with an error, or with what cannot be decoded.
 */
export interface EnvoyAdmin {
  /** The body of a path such as `/stats?filter=x`, as text. */
  admin(path: string, options?: AdminOptions): Promise<string>;
  /** Waits until Envoy serves: `/ready` answers 200. Throws TestkitError `deadline`. */
  ready(options?: WaitOptions): Promise<void>;
  /** All that is configured, endpoints included. */
  configDump(): Promise<ConfigDump>;
  /** The clusters with their hosts' state. */
  clusters(): Promise<Clusters>;
  /** The active listeners with the addresses that they are bound to. */
  listeners(): Promise<Listeners>;
  /** Counters and gauges by name: those whose name matches the regular expression, default all. */
  stats(filter?: string): Promise<Map<string, number>>;
  /** What the allocator holds, in bytes. */
  memory(): Promise<Memory>;
  /** Version, state, command line and node. */
  serverInfo(): Promise<ServerInfo>;
  /**
   * The address, `"ip:port"`, that a listener is bound to; waits until there is such a listener. A listener may be
   * given port 0. Throws TestkitError `deadline` with the names of those that are there.
   */
  listenerAddress(name: string, options?: WaitOptions): Promise<string>;
}

/** A client of the admin interface at `"ip:port"` or `"unix:/path"`. */
export function envoyAdmin(address: string): EnvoyAdmin {
  const admin = async (path: string, { method = "GET", timeoutMs = 10_000 }: AdminOptions = {}): Promise<string> => {
    const what = `${method} ${path} of Envoy's admin interface at ${address}`;
    const response = await adminGet(address, path, { method, timeoutMs }).catch((error: unknown) => {
      throw new TestkitError("admin-failed", `${what} failed: ${messageOf(error)}`, { path }, error);
    });
    if (response.status === 200) return response.body;
    const message = `${what} answered ${response.status}: ${response.body.trim()}`;
    throw new TestkitError("admin-failed", message, { path, status: response.status });
  };
  const read = async <D extends DescMessage>(schema: D, path: string): Promise<MessageShape<D>> => {
    const body = await admin(path);
    try {
      return fromJsonString(schema, body, { registry: envoyRegistry(), ignoreUnknownFields: true });
    } catch (error) {
      const message = `${path} is no ${schema.typeName}: ${messageOf(error)}`;
      throw new TestkitError("admin-failed", message, { path }, error);
    }
  };
  const listeners = (): Promise<Listeners> => read(ListenersSchema, "/listeners?format=json");
  return {
    admin,
    async ready({ deadlineMs = 10_000 } = {}) {
      await eventually(() => admin("/ready"), { deadlineMs, describe: "Envoy is ready" });
    },
    configDump: () => read(ConfigDumpSchema, "/config_dump?include_eds"),
    clusters: () => read(ClustersSchema, "/clusters?format=json"),
    listeners,
    stats: async (filter) =>
      parseStats(await admin(filter === undefined ? "/stats" : `/stats?filter=${encodeURIComponent(filter)}`)),
    memory: () => read(MemorySchema, "/memory"),
    serverInfo: () => read(ServerInfoSchema, "/server_info"),
    listenerAddress: (name, { deadlineMs = 10_000 } = {}) =>
      eventually(async () => boundAddress(await listeners(), name), {
        deadlineMs,
        describe: `listener ${name} is bound`,
      }),
  };
}

/** One request to the admin interface at `"ip:port"` or `"unix:/path"`. Throws what `httpGet` throws. */
export function adminGet(address: string, path: string, options: HttpGetOptions = {}): Promise<HttpResponse> {
  if (!address.startsWith("unix:")) return httpGet(`http://${address}${path}`, options);
  return httpGet(`http://localhost${path}`, { ...options, socketPath: address.slice("unix:".length) });
}

/** The numbers of `/stats`: lines of `name: number`. Text readouts and histograms are left out. */
export function parseStats(text: string): Map<string, number> {
  const stats = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^(.+): (\d+)$/.exec(line);
    if (match !== null) stats.set(match[1]!, Number(match[2]));
  }
  return stats;
}

function boundAddress({ listenerStatuses }: Listeners, name: string): string {
  const local = listenerStatuses.find((status) => status.name === name)?.localAddress;
  const text = local === undefined ? undefined : addressText(local);
  if (text !== undefined) return text;
  const names = listenerStatuses.map((status) => status.name);
  throw new Error(`there is no listener ${JSON.stringify(name)} with an address; there are [${names.join(", ")}]`);
}
