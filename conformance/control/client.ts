import type { Capabilities, State } from "./protocol.js";

/** The control endpoint of a server under test. */
export interface Control {
  capabilities(): Promise<Capabilities>;
  /** Replaces everything that the server serves; resolves when that is in force. */
  put(state: State): Promise<void>;
  /** Restarts the server with the state that it has; resolves when it listens again, on the same address. */
  restart(): Promise<void>;
}

/** How long the server may take for one call. */
const DEADLINE_MS = 10_000;

/** Speaks to the control endpoint at `http://host:port`. Every call throws when the answer is not a success. */
export function controlClient(url: string): Control {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, url), {
      method,
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} on ${url}: expected a 2xx, got ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    async capabilities() {
      const answer = await call("GET", "/capabilities");
      if (!isCapabilities(answer)) throw new Error(`GET /capabilities on ${url}: expected a name and capabilities`);
      return answer;
    },
    async put(state) {
      await call("PUT", "/state", state);
    },
    async restart() {
      await call("POST", "/restart");
    },
  };
}

function isCapabilities(value: unknown): value is Capabilities {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && "capabilities" in value && Array.isArray(value.capabilities);
}
