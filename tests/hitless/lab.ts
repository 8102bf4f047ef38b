import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Envoy, eventually, startEnvoy } from "@rxds/testkit";
import { createSnapshot, type Snapshot } from "rxds";
import { authority } from "../core/certificates.js";
import type { Mode } from "../envoy/lab.js";
import { answersOf } from "./answers.js";
import { type Control, startControl } from "./control.js";
import { createJudge, type Failure, type Judge } from "./judge.js";
import { createPorts, type Ports } from "./ports.js";
import { resourcesOf, type Surroundings } from "./resources.js";
import { startTraffic, type Traffic } from "./traffic.js";
import { firstWorld, type World } from "./world.js";

/** How long Envoy holds each request before it is routed, in ms: so that some are always in the air. */
const DELAY_MS = 50;
/** More than `DELAY_MS`, and time for a busy machine. */
const LINGER_MS = 200;
/** Longer than the longest request. */
const DRAIN_SECONDS = 1;
/** Envoy writes its access log so often, in ms. */
const LOG_FLUSH_MS = 100;
const CERTIFICATES = 8;
/** Types that Envoy asks for: clusters, endpoints, secrets, listeners, routes. */
export const TYPES = 5;
const LOAD = { kept: 26, fresh: 6, resting: 20, restMs: 2 };

/** A real Envoy under load, and what it follows. */
export interface Lab {
  readonly mode: Mode;
  readonly envoy: Envoy;
  readonly control: Control;
  readonly traffic: Traffic;
  readonly judge: Judge;
  readonly around: Surroundings;
  readonly ports: Ports;
  readonly first: World;
  readonly firstSnapshot: Snapshot;
}

/** What a lab is started with. */
export interface LabOptions {
  readonly mode: Mode;
  /** Whether the server pushes hitlessly. False: plain pushing. */
  readonly hitless: boolean;
  /** Hears of each failure at once. */
  readonly failed: (failure: Failure, lab: Pick<Lab, "control">) => void;
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Starts it all, calls `run` when Envoy serves the first world under load, and ends it all. */
export async function withLab<T>(options: LabOptions, run: (lab: Lab) => Promise<T>): Promise<T> {
  const [plain, tls] = [names("plain-", 60), names("tls-", 30)];
  const ca = await authority();
  const issued = await Promise.all(names("client-", CERTIFICATES).map((name) => ca.issue(name)));
  const folder = await mkdtemp(join(tmpdir(), "rxds-hitless-"));
  try {
    const judge = createJudge((failure) => options.failed(failure, { control }), DRAIN_SECONDS * 1000);
    const credentials = { ...(await ca.issue("backend")), ca: ca.cert };
    await using traffic = await startTraffic({ plain, tls, credentials }, judge.hear);
    const ports = createPorts();
    const around: Surroundings = {
      ports: ports.taken,
      addresses: traffic.addresses,
      delayMs: DELAY_MS,
      accessLog: join(folder, "access.log"),
      ca: ca.cert,
      certificates: issued,
    };
    const first = firstWorld(plain, tls);
    await ports.take(first);
    const firstSnapshot = createSnapshot(resourcesOf(first, around));
    const pushing = { hitless: options.hitless, lingerMs: LINGER_MS, drainMs: DRAIN_SECONDS * 1000 };
    await using control = await startControl(firstSnapshot, pushing);
    await using envoy = await startEnvoy({
      ads: control.address,
      mode: options.mode,
      node: { id: "lab", cluster: "lab" },
      concurrency: 2,
      drainTimeSeconds: DRAIN_SECONDS,
      args: ["--drain-strategy", "immediate", "--file-flush-interval-msec", String(LOG_FLUSH_MS)],
    });
    await envoy.ready();
    await control.converged(firstSnapshot, TYPES);
    judge.begin(answersOf(first), "0", "start");
    const lab = { mode: options.mode, envoy, control, traffic, judge, around, ports, first, firstSnapshot };
    aim(lab);
    traffic.start(LOAD);
    await eventually(() => judge.requests() > 100, { describe: "there is load" });
    return await run(lab);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sends the load to what all snapshots that may be in force route. */
export function aim({ judge, traffic, around }: Pick<Lab, "judge" | "traffic" | "around">): void {
  const addresses = judge.targets().map((target) => {
    const [listener, host = "", prefix = ""] = target.split(" ");
    return { target, port: around.ports.get(listener ?? "") ?? 0, host, path: `${prefix}x` };
  });
  traffic.target(addresses);
}
