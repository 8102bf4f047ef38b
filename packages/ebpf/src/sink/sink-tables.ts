import type { RedirectPlan } from "@rxds/mesh/plan";
import type { Kernel } from "../kernel/kernel.js";
import { cookieKey, numberKey } from "../layout/keys.js";
import { GROUP_AWAY, GROUP_PASS, groupState } from "../layout/layouts.js";
import { readCounters } from "./counters.js";
import { Enrolments, type WantedEnrolments, wantedEnrolments } from "./enrolments.js";
import { Names } from "./ids.js";
import type { OpenSink } from "./open-sink.js";
import { DEFAULT_IN_PLACE, DEFAULT_REDIRECTS, type RedirectSinkOptions } from "./options.js";
import { readState, writeState } from "./pinned.js";
import { PlanChanges } from "./plan-changes.js";
import type { SinkProblem } from "./problem.js";
import { changeSettings, readSettings } from "./settings.js";
import { Table } from "./table.js";
import type { ReadyListeners } from "./target.js";
import { Turns } from "./turns.js";

/** A plan is in force. */
export interface Applied {
  /** The plan's. */
  readonly generation: string;
  /** How many entries of maps were written or deleted for it. */
  readonly writes: number;
  /** `"none"`: the table was as it should be. */
  readonly table: "none" | "in-place" | "generation";
  /** Redirects that are in force. */
  readonly entries: number;
  /** What of the plan is not in force, and why. */
  readonly problems: readonly SinkProblem[];
}

/** All maps of a sink that say what is redirected, and their like in memory. */
export class SinkTables {
  readonly names: Names;
  readonly table: Table;
  readonly #byNetns: Enrolments;
  readonly #byCgroup: Enrolments;
  readonly #changes: PlanChanges;
  readonly #away = new Map<number, number>();
  /** What `places` said when a plan was applied last. */
  #places = "";
  #whenAway: "refuse" | "pass" = "refuse";

  constructor(
    readonly kernel: Kernel,
    readonly open: OpenSink,
    readonly options: Pick<RedirectSinkOptions, "sizes" | "inPlace" | "whenAway">,
  ) {
    const { maps } = open;
    this.names = new Names(kernel.maps, maps.names);
    this.table = new Table(kernel.maps, maps.redirects, {
      capacity: options.sizes?.redirects ?? DEFAULT_REDIRECTS,
      inPlace: options.inPlace ?? DEFAULT_IN_PLACE,
    });
    this.#byNetns = new Enrolments(kernel.maps, maps.enrolled_netns, "networkNamespace");
    this.#byCgroup = new Enrolments(kernel.maps, maps.enrolled_cgroup, "cgroup");
    this.#changes = new PlanChanges(this.names);
  }

  /** Takes over what is in the kernel. */
  async read(): Promise<void> {
    await this.names.read();
    await this.table.read();
    await this.#byNetns.read();
    await this.#byCgroup.read();
    const { count, keys, values } = await this.kernel.maps.dump(this.open.maps.groups);
    for (let i = 0; i < count; i++)
      this.#away.set(keys.readUInt32LE(4 * i), groupState.decode(values, groupState.size * i).flags);
    await this.#bypass();
  }

  /**
   * Puts a plan into force. New entries come first, then workloads move between groups, and last goes what nobody needs any more: a
   * workload on its way from one proxy to another always has the entries of one of them.
   *
   * @param away the proxies that do not answer
   * @throws RedirectError `full`
   */
  async apply(
    plan: RedirectPlan,
    ready: ReadyListeners | undefined,
    away: () => ReadonlySet<string>,
  ): Promise<Applied> {
    const { maps } = this.kernel;
    const before = maps.writes;
    this.#whenAway = this.options.whenAway ?? plan.whenAway ?? "refuse";
    const enrolments = await wantedEnrolments(plan, this.kernel.places, this.names, this.open.hostNetns);
    const change = await this.#changes.of(plan, this.table.entries, ready);
    const moves = this.#byNetns.movesAnybody(enrolments.byNetns) || this.#byCgroup.movesAnybody(enrolments.byCgroup);
    let table = await this.table.apply(moves ? { ...change, removals: [] } : change);
    // As it is by now: it may have changed while the table was.
    this.setAway(away());
    await this.#enrol(enrolments);
    if (moves && change.removals.length > 0) {
      const narrowed = await this.table.apply({ upserts: new Map(), removals: change.removals, added: 0 });
      if (table !== "generation") table = narrowed;
    }
    this.#changes.applied();
    if (maps.writes > before) await this.#finish(plan);
    this.#places = describePlaces(enrolments);
    return {
      generation: plan.generation,
      writes: maps.writes - before,
      table,
      entries: this.table.entries.size,
      problems: [...change.problems, ...enrolments.problems],
    };
  }

  /** Whether workloads are elsewhere than when the plan was applied: one that was not there yet is now, or began anew. */
  async placesChanged(plan: RedirectPlan): Promise<boolean> {
    const wanted = await wantedEnrolments(plan, this.kernel.places, this.names, this.open.hostNetns);
    return describePlaces(wanted) !== this.#places;
  }

  /** The proxies that do not answer, as the kernel was told last, by this sink or the one before. */
  get away(): ReadonlySet<string> {
    return new Set([...this.#away.keys()].flatMap((id) => this.names.name("proxy", id) ?? []));
  }

  /** Says which proxies do not answer. */
  setAway(away: ReadonlySet<string>): void {
    const flags = GROUP_AWAY | (this.#whenAway === "pass" ? GROUP_PASS : 0);
    const wanted = new Map<number, number>();
    for (const proxy of away) {
      const id = this.names.known("proxy", proxy);
      if (id !== undefined) wanted.set(id, flags);
    }
    const { maps } = this.kernel;
    for (const [id, state] of wanted) {
      if (this.#away.get(id) === state) continue;
      maps.update(this.open.maps.groups, numberKey(id), groupState.encode({ flags: state }));
      this.#away.set(id, state);
    }
    for (const id of [...this.#away.keys()]) {
      if (wanted.has(id)) continue;
      maps.delete(this.open.maps.groups, numberKey(id));
      this.#away.delete(id);
    }
  }

  close(): void {
    this.table.close();
  }

  async #enrol({ byNetns, byCgroup, levels, owners }: WantedEnrolments): Promise<void> {
    const turns = new Turns();
    for (const { kind, id, workload } of owners) {
      this.names.tell(kind, id, workload);
      if (turns.over) await turns.pause();
    }
    // A level must be looked at before anybody on it is enrolled, and as long as anybody is.
    const proxies = this.open.proxies.reduce((bits, { level }) => bits | (2 ** level), 0);
    const all = (levels | proxies) >>> 0;
    this.#setLevels((present) => (present | all) >>> 0);
    await this.#byNetns.enrol(byNetns);
    await this.#byCgroup.enrol(byCgroup);
    for (const id of await this.#byNetns.release(byNetns)) this.names.forget("networkNamespace", id);
    for (const id of await this.#byCgroup.release(byCgroup)) this.names.forget("cgroup", id);
    this.#setLevels(() => all);
  }

  #setLevels(levels: (present: number) => number): void {
    const { settings } = this.open.maps;
    const present = readSettings(this.kernel, settings).cgroup_levels;
    changeSettings(this.kernel, settings, { cgroup_levels: levels(present) });
  }

  /** The proxies' cgroups are never redirected. */
  async #bypass(): Promise<void> {
    const { maps } = this.kernel;
    const { bypassed } = this.open.maps;
    const wanted = new Set(this.open.proxies.map(({ id }) => id));
    const { count, keys } = await maps.dump(bypassed);
    const found = new Set(Array.from({ length: count }, (_, i) => keys.readBigUInt64LE(8 * i)));
    if ([...wanted].some((id) => !found.has(id))) {
      this.#setLevels((present) => this.open.proxies.reduce((bits, { level }) => bits | (2 ** level), present) >>> 0);
    }
    const one = numberKey(1);
    for (const id of wanted) if (!found.has(id)) maps.update(bypassed, cookieKey(id), one);
    for (const id of found) if (!wanted.has(id)) maps.delete(bypassed, cookieKey(id));
  }

  /** Forgets services and proxies that are not redirected to any more, and keeps what the next start wants to know. */
  async #finish(plan: RedirectPlan): Promise<void> {
    const { maps } = this.kernel;
    const { unused } = this.#changes;
    if (unused.size > 0) {
      const turns = new Turns();
      const counters = await readCounters(maps, this.open.maps.counters);
      for (const id of unused) {
        const of = counters.get(id);
        // Connections that are still open are to be counted when they close.
        if (of !== undefined && of.connections > of.closed) continue;
        if (of !== undefined) maps.delete(this.open.maps.counters, numberKey(id));
        this.names.forget("service", id);
        unused.delete(id);
        if (turns.over) await turns.pause();
      }
    }
    const proxies = new Set(plan.groups.map(({ proxy }) => this.names.known("proxy", proxy)));
    for (const id of [...this.names.ids("proxy")]) if (!proxies.has(id)) this.names.forget("proxy", id);
    const state = readState(this.kernel, this.open.maps.state);
    const entries = this.table.entries.size;
    const changes = state.changes + 1n;
    writeState(this.kernel, this.open.maps.state, { ...state, entries, changes, plan: plan.generation });
  }
}

/** What tells whether workloads are where they were. */
function describePlaces({ byNetns, byCgroup, problems }: WantedEnrolments): string {
  return [...byNetns.keys(), "/", ...byCgroup.keys(), "/", ...problems.map(({ message }) => message)].join(" ");
}
