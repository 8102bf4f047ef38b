import { redirectSink, removeRedirect } from "@rxds/ebpf";
import { eventually } from "@rxds/testkit";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { DOORS } from "./lab.js";

/** @typedef {import("./lab.js").Lab} Lab */

const SERVICE = "default/backend";

/** @param {Lab} lab @param {import("./envoy.js").Door} to @returns {import("@rxds/mesh").RedirectPlan} */
function planOf({ client }, to) {
  const { name, addresses, netns } = client;
  return {
    node: "n1",
    generation: "compared",
    groups: [
      {
        proxy: "node~n1",
        workloads: [{ name: `default/${name}`, addresses, networkNamespace: `/run/netns/${netns}` }],
        entries: [{ ...DOORS.virtual, protocol: "tcp", service: SERVICE, to, listeners: ["hook", "virtual"] }],
      },
    ],
  };
}

/**
 * Puts the redirect into the kernel. Resolves with how to read how many connections it counted, and how to take it out again.
 *
 * @param {Lab} lab @param {{ readonly to: import("./envoy.js").Door, readonly accelerate: boolean }} how the door of Envoy to which it leads
 */
export async function redirectByHook(lab, { to, accelerate }) {
  const { node, bpffs } = lab;
  const pins = `${bpffs}/n1`;
  const plan = planOf(lab, to);
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
    /** How many connections, once all of them are closed. */
    counted: () =>
      eventually(async () => {
        const all = await firstValueFrom(sink.counters());
        const { connections, closed } = all.find(({ service }) => service === SERVICE) ?? { connections: 0, closed: 0 };
        if (closed !== connections)
          throw new Error(`expected all of ${connections} connections to be closed, not ${closed}`);
        return connections;
      }),
    end,
  };
}
