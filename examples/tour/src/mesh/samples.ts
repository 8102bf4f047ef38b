import { virtualIp } from "./places.js";
import type { RunningMesh } from "./running-mesh.js";

/** A request from a pod to a service's virtual IP, and what must come of it. */
export interface Sample {
  readonly from: string;
  readonly to: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** Who may answer: pods of this app; undefined: none, the Envoy does. */
  readonly answeredBy?: string;
}

/** What came of one. */
export interface SampleOutcome {
  readonly sample: Sample;
  /** The status, or a word for why there is none. */
  readonly status: number | string;
  /** The pod that answered. */
  readonly answeredBy: string | undefined;
  readonly isExpected: boolean;
}

export const samples: readonly Sample[] = [
  { from: "web-1", to: "orders", status: 200, answeredBy: "orders" },
  { from: "web-2", to: "orders", headers: { "x-next": "yes" }, status: 200, answeredBy: "orders-next" },
  { from: "orders-1", to: "payments", status: 200, answeredBy: "payments" },
  { from: "web-1", to: "payments", status: 403 },
  { from: "orders-2", to: "stock", status: 200, answeredBy: "stock" },
  { from: "stock-2", to: "mail", status: 200, answeredBy: "mail" },
];

/** Sends the requests, one after the other. */
export async function sendSamples({ mesh, pods }: RunningMesh): Promise<SampleOutcome[]> {
  const outcomes: SampleOutcome[] = [];
  for (const sample of samples) {
    const { from, to, headers = {} } = sample;
    const agent = await pods.get(`shop/${from}`)!.agent();
    const answer = await agent.http({ url: `http://${virtualIp(mesh, `shop/${to}`)}/`, headers });
    const status = answer.error ?? answer.status;
    const answeredBy = answer.error === undefined ? answer.headers["x-upstream"]?.toString() : undefined;
    const isExpected = status === sample.status && answeredBy?.replace(/-\d+$/, "") === sample.answeredBy;
    outcomes.push({ sample, status, answeredBy, isExpected });
  }
  return outcomes;
}
