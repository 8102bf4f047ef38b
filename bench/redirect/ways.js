import { DIALED, REDIRECTED } from "./envoy.js";
import { redirectByHook } from "./hook.js";
import { DOORS } from "./lab.js";
import { installed, redirectByRules } from "./rules.js";

/**
 * @typedef {import("./lab.js").Lab} Lab
 * @typedef {import("./lab.js").Door} Door
 * @typedef {import("./lab.js").Load} Load
 * @typedef {import("./lab.js").Measured} Measured
 *
 * @typedef {object} Went Which way the connections of a turn went.
 * @property {number} opened How many the client opened.
 * @property {number} dialed Came to Envoy's listener that is dialed.
 * @property {number} redirected Came to Envoy's listener for what is redirected.
 * @property {number} rules Packets that met the rule of iptables, if there is one: the first of each connection, and of some again.
 * @property {number} hook Were counted by the sink, if there is one.
 *
 * @typedef {object} InForce What redirects.
 * @property {() => Promise<Partial<Went>>} read
 * @property {() => Promise<void>} end
 *
 * @typedef {object} Way
 * @property {string} name In the result.
 * @property {string} label In the table.
 * @property {Door} door What the client dials.
 * @property {"dialed" | "redirected" | undefined} listener Envoy's, that its connections come to.
 * @property {"rules" | "hook" | undefined} by What redirects.
 * @property {(lab: Lab) => Promise<InForce>} start Puts into force what redirects. Nothing else that redirects is in force.
 */

/** All ways that this machine has, in the order of their turns. @returns {readonly Way[]} */
export function waysOf() {
  const direct = { by: undefined, listener: undefined, start: async () => NOTHING };
  const explicit = { ...direct, door: DOORS.explicit, listener: /** @type {const} */ ("dialed") };
  const redirected = { door: DOORS.virtual, listener: /** @type {const} */ ("redirected") };
  const hooked = { ...redirected, by: /** @type {const} */ ("hook") };
  return [
    { ...direct, name: "direct", label: "direct, no proxy", door: DOORS.backend },
    { ...explicit, name: "explicit", label: "the proxy is dialed" },
    { ...explicit, name: "beside", label: "the same, beside the hook", start: byHook({ to: DOORS.hook }) },
    ...installed().map(({ command, kind }, i) => ({
      ...redirected,
      name: i === 0 ? "iptables" : `iptables${kind === "nft" ? "Nft" : "Legacy"}`,
      label: `iptables REDIRECT (${kind})`,
      by: /** @type {const} */ ("rules"),
      start: byRules(command),
    })),
    {
      ...hooked,
      name: "straight",
      label: "connect hook, same listener",
      listener: "dialed",
      start: byHook({ to: DOORS.explicit }),
    },
    { ...hooked, name: "connect", label: "connect hook", start: byHook({ to: DOORS.hook }) },
    {
      ...hooked,
      name: "accelerated",
      label: "connect hook + sk_msg",
      start: byHook({ to: DOORS.hook, accelerate: true }),
    },
  ];
}

/** @type {InForce} */
const NOTHING = { read: async () => ({}), end: async () => {} };

/** @param {string} command @returns {Way["start"]} */
const byRules = (command) => async (lab) => {
  const { redirected, end } = await redirectByRules(lab, command);
  return { read: async () => ({ rules: await redirected() }), end };
};

/** @param {{ readonly to: Door, readonly accelerate?: boolean }} how @returns {Way["start"]} */
const byHook =
  ({ to, accelerate = false }) =>
  async (lab) => {
    const { counted, end } = await redirectByHook(lab, { to, accelerate });
    return { read: async () => ({ hook: await counted() }), end };
  };

/**
 * One turn of a way. Throws when its connections went another.
 *
 * @param {Lab} lab @param {Way} way @param {Load} load
 */
export async function turn(lab, way, load) {
  const before = await arrived(lab);
  const inForce = await way.start(lab);
  try {
    const { opened, ...figures } = await lab.measure(way.door, load);
    const counted = await inForce.read();
    const after = await arrived(lab);
    /** @type {Went} */
    const went = {
      opened,
      dialed: after.dialed - before.dialed,
      redirected: after.redirected - before.redirected,
      rules: 0,
      hook: 0,
      ...counted,
    };
    check(way, went);
    return { figures, went };
  } finally {
    await inForce.end();
  }
}

/** How many connections have come to Envoy's listeners. @param {Lab} lab */
async function arrived({ envoy }) {
  const stats = await envoy.stats("^tcp\\..*\\.downstream_cx_total$");
  const of = (/** @type {string} */ name) => stats.get(`tcp.${name}.downstream_cx_total`) ?? 0;
  return { dialed: of(DIALED), redirected: of(REDIRECTED) };
}

/** Throws unless connections went the way that they are said to. @param {Pick<Way, "name" | "listener" | "by">} way @param {Went} went */
export function check({ name, listener, by }, went) {
  const all = (/** @type {boolean} */ yes) => (yes ? went.opened : 0);
  const right =
    went.opened > 0 &&
    went.dialed === all(listener === "dialed") &&
    went.redirected === all(listener === "redirected") &&
    (by === "rules" ? went.rules >= went.opened : went.rules === 0) &&
    went.hook === all(by === "hook");
  if (!right) throw new Error(`connections of ${name} went another way: ${JSON.stringify(went)}`);
}
