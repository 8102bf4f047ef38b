import fc from "fast-check";
import { byDestination } from "../src/plan/by-destination.js";
import type { RedirectEntry, RedirectedWorkload, RedirectGroup, RedirectPlan } from "../src/plan/redirect-plan.js";

/** Plain choices of which a plan is made; small, so that plans have much in common. */
const servicePool = ["a/s1", "a/s2", "a/s3", "b/s4"] as const;

const entries: fc.Arbitrary<readonly RedirectEntry[]> = fc
  .uniqueArray(
    fc.record({
      service: fc.nat(servicePool.length - 1),
      port: fc.constantFrom(53, 80),
      protocol: fc.constantFrom("tcp" as const, "udp" as const),
      to: fc.constantFrom(15001, 15002),
      closed: fc.boolean(),
      listeners: fc.subarray(["l1", "l2"]),
    }),
    { selector: ({ service, port, protocol }) => `${service} ${port} ${protocol}`, maxLength: 8 },
  )
  .map((list) =>
    list
      .map(
        ({ service, port, protocol, to, closed, listeners }): RedirectEntry => ({
          address: `10.96.0.${9 - service}`,
          port,
          protocol,
          service: servicePool[service]!,
          to: { address: "10.0.0.1", port: to },
          listeners,
          ...(closed ? { closed } : {}),
        }),
      )
      .sort(byDestination),
  );

const workload: fc.Arbitrary<RedirectedWorkload> = fc
  .record({
    name: fc.constantFrom("a/w1", "a/w2"),
    addresses: fc.subarray(["10.1.0.1", "fd00::1"]),
    networkNamespace: fc.option(fc.constantFrom("", "/run/netns/w"), { nil: undefined }),
    cgroup: fc.option(fc.constant("kubepods/w"), { nil: undefined }),
  })
  .map(({ networkNamespace, cgroup, ...rest }) => ({
    ...rest,
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
    ...(cgroup === undefined ? {} : { cgroup }),
  }));

/** Random plans of one node. Groups may share a list of entries. */
export const anyPlan: fc.Arbitrary<RedirectPlan> = fc
  .tuple(
    fc.array(entries, { minLength: 1, maxLength: 3 }),
    fc.subarray(["node~n1", "sidecar~a/w1", "sidecar~a/w2", "sidecar~b/w1"]),
    fc.infiniteStream(fc.tuple(fc.nat(2), fc.array(workload, { maxLength: 2 }), fc.boolean())),
    fc.constantFrom("g1", "g2", "g3"),
    fc.boolean(),
  )
  .map(([lists, proxies, choices, generation, pass]) => ({
    node: "n1",
    generation,
    ...(pass ? { whenAway: "pass" as const } : {}),
    groups: proxies.map((proxy): RedirectGroup => {
      const [list, workloads, inbound] = choices.next().value as [number, RedirectedWorkload[], boolean];
      return {
        proxy,
        workloads,
        entries: lists[list % lists.length]!,
        ...(inbound ? { inbound: { port: 15006, listener: `inbound/${proxy}` } } : {}),
      };
    }),
  }));
