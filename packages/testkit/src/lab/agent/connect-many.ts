import { tcpRequest } from "./tcp-request.js";

/** Many short TCP connections. */
export interface ConnectManyRequest {
  /** Where to. A `serveTcp` of an agent must answer, maybe behind a proxy. */
  readonly to: {
    /** The IP address. */
    readonly address: string;
    /** The port. */
    readonly port: number;
  };
  /**
   * How many connections, one after another in each of `concurrency` loops. More than some 28000 within a minute need more
   * local ports than there are by default (`EADDRNOTAVAIL`).
   */
  readonly count: number;
  /** How many at a time. Default 8. */
  readonly concurrency?: number;
  /** The names of those who may answer. Default: whoever does. */
  readonly expect?: readonly string[];
  /** Milliseconds until a connection must have its answer. Default 5000. */
  readonly timeoutMs?: number;
}

/** What became of many connections. */
export interface ConnectManyResult {
  /** How many got the answer to what they sent, from one who was expected. */
  readonly ok: number;
  /** How many did not. */
  readonly failed: number;
  /**
   * How often each kind of failure happened: the error's code (`ECONNREFUSED`, …), `timeout`, `closed` by the other side,
   * `wrong answer`, `unexpected NAME`. Its numbers sum up to `failed`.
   */
  readonly failures: Readonly<Record<string, number>>;
  /** How often each server answered, expected or not, by its name. */
  readonly byAnswer: Readonly<Record<string, number>>;
  /** How many connections that were answered had each remote address (`"ip:port"`), as the agent believes (getpeername). */
  readonly byRemoteAddress: Readonly<Record<string, number>>;
}

/** Opens connections, sends a line of its own on each, compares the answer, and closes. Never rejects. */
export async function connectMany(request: ConnectManyRequest): Promise<ConnectManyResult> {
  const { to, count, concurrency = 8, expect, timeoutMs = 5000 } = request;
  const failures = counter();
  const byAnswer = counter();
  const byRemoteAddress = counter();
  let begun = 0;
  let ok = 0;
  const one = async (text: string): Promise<string | undefined> => {
    const outcome = await tcpRequest({ ...to, send: `${text}\n`, timeoutMs });
    if (outcome.error !== undefined) return outcome.error;
    byRemoteAddress.add(outcome.remoteAddress);
    const name = nameIn(outcome.received, text);
    if (name === undefined) return "wrong answer";
    byAnswer.add(name);
    return expect === undefined || expect.includes(name) ? undefined : `unexpected ${name}`;
  };
  const loop = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const failure = await one(String(begun));
      if (failure === undefined) ok += 1;
      else failures.add(failure);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return {
    ok,
    failed: begun - ok,
    failures: failures.counts(),
    byAnswer: byAnswer.counts(),
    byRemoteAddress: byRemoteAddress.counts(),
  };
}

/** Who answered `NAME: TEXT`; undefined when it is no such answer to this text. */
function nameIn(received: string, text: string): string | undefined {
  const end = `: ${text}\n`;
  return received.endsWith(end) ? received.slice(0, -end.length) : undefined;
}

function counter() {
  const counts = new Map<string, number>();
  return {
    add: (key: string) => void counts.set(key, (counts.get(key) ?? 0) + 1),
    counts: () => Object.fromEntries(counts),
  };
}
