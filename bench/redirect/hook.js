import { redirectSink, removeRedirect } from "@rxds/ebpf";
import { eventually } from "@rxds/testkit";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { DOORS } from "./lab.js";

/** @typedef {import("./lab.js").Lab} Lab */

const SERVICE = "default/backend";

/** @param {Lab} lab @returns {import("@rxds/mesh").RedirectPlan} */
function planOf({ client }) {
  const { name, addresses, netns } = client;
  return {
    node: "n1",
    generation: "compared",
    groups: [
      {
        proxy: "node~n1",
        workloads: [{ name: `default/${name}`, addresses, networkNamespace: `/run/netns/${netns}` }],
        entries: [
          { ...DOORS.virtual, protocol: "tcp", service: SERVICE, to: DOORS.hook, listeners: ["hook", "virtual"] },
        ],
      },
    ],
  };
}

/**
 * Puts the redirect into the kernel. Resolves with how to read what it counted, and how to take it out again.
 *
 * @param {Lab} lab @param {boolean} accelerate
 */
export async function redirectByHook(lab, accelerate) {
  const { node, bpffs } = lab;
  const pins = `${bpffs}/n1`;
  const plan = planOf(lab);
  const sink = await redirectSink({
    plan$: new BehaviorSubject(plan),
    pins,
    cgroup: node.cgroup,
    proxyCgroups: [node.envoyCgroup],
    hostNetworkNamespace: `/run/netns/${node.netns}`,
    accelerate,
  });
  const end = async () => {
    await sink.close();
    removeRedirect({ pins });
  };
  try {
    const failed = firstValueFrom(sink.failures$).then(({ error }) => Promise.reject(error));
    failed.catch(() => {});
    const { problems } = await Promise.race([
      firstValueFrom(sink.applied$.pipe(filter(({ generation }) => generation === plan.generation))),
      failed,
    ]);
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("; "));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    /** What was counted, once all connections are closed. */
    counted: () =>
      eventually(async () => {
        const all = await firstValueFrom(sink.counters());
        const ours = all.find(({ service }) => service === SERVICE);
        if (ours === undefined || ours.closed !== ours.connections)
          throw new Error(`expected all connections to be closed: ${JSON.stringify(ours)}`);
        return ours;
      }),
    end,
  };
}
