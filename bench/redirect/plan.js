/** @typedef {import("@rxds/mesh").RedirectPlan} RedirectPlan */

/**
 * A plan of one proxy.
 *
 * @param {number} count how many entries
 * @param {number} perService how many of them are of one service; half of those IPv4
 * @returns {RedirectPlan}
 */
export function planOf(count, perService) {
  const entries = Array.from({ length: count }, (_, i) => {
    const service = Math.floor(i / perService);
    const n = i % perService;
    const [high, low] = [(service >> 8) & 255, service & 255];
    const v6 = n % 2 === 1;
    return {
      address: v6
        ? `fd00:96::${(service >> 16).toString(16)}:${(service & 0xffff).toString(16)}`
        : `10.${96 + (service >> 16)}.${high}.${low}`,
      port: 80 + (n >> 1),
      protocol: /** @type {const} */ ("tcp"),
      service: `default/service-${service}`,
      to: { address: v6 ? "fd00::1" : "10.0.0.1", port: 15001 },
      listeners: ["tcp"],
    };
  });
  return { node: "n1", generation: "first", groups: [{ proxy: "node~n1", workloads: [], entries }] };
}

/**
 * The plan with one entry that leads elsewhere; the other entries are the same objects.
 *
 * @param {RedirectPlan} plan
 * @param {number} turn another entry for each
 * @returns {RedirectPlan}
 */
export function changedPlan(plan, turn) {
  const groups = plan.groups.map((group) => {
    const at = (turn * 7919 + (group.entries.length >> 1)) % group.entries.length;
    const entries = group.entries.map((entry, i) =>
      i === at ? { ...entry, to: { ...entry.to, port: 15002 } } : entry,
    );
    return { ...group, entries };
  });
  return { ...plan, generation: `changed-${turn}`, groups };
}
