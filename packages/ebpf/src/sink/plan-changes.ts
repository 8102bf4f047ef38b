import { byDestination, type RedirectEntry, type RedirectPlan } from "@rxds/mesh/plan";
import type { Names } from "./ids.js";
import type { SinkProblem } from "./problem.js";
import type { TableChange } from "./table.js";
import { EntryEncoder, type ReadyListeners, tableChange } from "./target.js";
import { Turns } from "./turns.js";

/** What a plan changes of the table. */
export interface PlanChange extends TableChange {
  /** Entries that cannot be. */
  readonly problems: readonly SinkProblem[];
}

/** A plan whose every entry is in the table. */
interface Whole {
  /** Its entries by proxy. */
  readonly lists: ReadonlyMap<string, readonly RedirectEntry[]>;
  /** How many entries each service has, by its id. */
  readonly uses: Map<number, number>;
}

/**
 * Finds out what plans change. Between two plans that share most of their entries, the same objects, that costs what differs, and a
 * glance at the rest; where that is not known to be enough, all is compared with the table.
 */
export class PlanChanges {
  /** The ids of services that no entry is of. */
  readonly unused = new Set<number>();
  readonly #encoder: EntryEncoder;
  /** What the table holds, if it is known to be just that. */
  #whole: Whole | undefined;
  #next: Whole | undefined;

  constructor(readonly names: Names) {
    this.#encoder = new EntryEncoder(names);
  }

  /**
   * What has to change for a plan.
   *
   * @param table what is in the kernel
   * @param ready which listeners are ready; undefined: all are
   */
  async of(
    plan: RedirectPlan,
    table: ReadonlyMap<string, string>,
    ready: ReadyListeners | undefined,
  ): Promise<PlanChange> {
    const whole = this.#whole;
    // What is not applied in the end leaves nothing to build on.
    this.#whole = undefined;
    const small = whole === undefined || ready !== undefined ? undefined : await this.#between(whole, plan, table);
    return small ?? this.#fromScratch(plan, table, ready);
  }

  /** The last change was made. */
  applied(): void {
    this.#whole = this.#next;
  }

  /** Undefined where the difference alone does not tell. */
  async #between(
    { lists, uses }: Whole,
    { groups }: RedirectPlan,
    table: ReadonlyMap<string, string>,
  ): Promise<PlanChange | undefined> {
    if (groups.length !== lists.size || groups.some(({ proxy }) => !lists.has(proxy))) return undefined;
    const upserts = new Map<string, string>();
    const gone = new Set<string>();
    let added = 0;
    let size = 0;
    for (const { proxy, entries } of groups) {
      size += entries.length;
      const before = lists.get(proxy) ?? [];
      if (entries === before) continue;
      const { fresh, old } = await differences(before, entries);
      for (const entry of old) {
        const { key, service } = this.#encoder.one(proxy, entry);
        gone.add(key);
        this.#count(uses, service, -1);
      }
      for (const entry of fresh) {
        const { key, value, service, problem } = this.#encoder.one(proxy, entry);
        if (problem !== undefined) return undefined;
        this.#count(uses, service, 1);
        if (table.get(key) !== value) upserts.set(key, value);
        if (!table.has(key)) added++;
        gone.delete(key);
      }
    }
    const removals = [...gone];
    // Otherwise a destination is there twice.
    if (table.size + added - removals.length !== size) return undefined;
    this.#next = { lists: new Map(groups.map(({ proxy, entries }) => [proxy, entries])), uses };
    return { upserts, removals, added, problems: [] };
  }

  async #fromScratch(
    plan: RedirectPlan,
    table: ReadonlyMap<string, string>,
    ready: ReadyListeners | undefined,
  ): Promise<PlanChange> {
    const wanted = await this.#encoder.wanted(plan, table, ready);
    const change = await tableChange(table, wanted.entries);
    const { problems, uses } = wanted;
    const turns = new Turns();
    this.unused.clear();
    for (const id of this.names.ids("service")) {
      if (!uses.has(id)) this.unused.add(id);
      if (turns.over) await turns.pause();
    }
    const size = plan.groups.reduce((sum, { entries }) => sum + entries.length, 0);
    const isWhole = ready === undefined && problems.length === 0 && wanted.entries.size === size;
    const lists = new Map(plan.groups.map(({ proxy, entries }) => [proxy, entries]));
    this.#next = isWhole ? { lists, uses } : undefined;
    return { ...change, problems };
  }

  #count(uses: Map<number, number>, service: number | undefined, by: 1 | -1): void {
    if (service === undefined) return;
    const count = (uses.get(service) ?? 0) + by;
    if (count > 0) {
      uses.set(service, count);
      this.unused.delete(service);
    } else {
      uses.delete(service);
      this.unused.add(service);
    }
  }
}

/**
 * Entries of one list that are not in the other, in one walk through both. They are sorted alike, as a mesh sorts them; in another order
 * more is taken for a difference, and nothing missed.
 */
async function differences(
  before: readonly RedirectEntry[],
  after: readonly RedirectEntry[],
): Promise<{ readonly fresh: RedirectEntry[]; readonly old: RedirectEntry[] }> {
  const fresh: RedirectEntry[] = [];
  const old: RedirectEntry[] = [];
  const turns = new Turns();
  let [b, a] = [0, 0];
  while (b < before.length || a < after.length) {
    if (turns.over) await turns.pause();
    const [was, is] = [before[b], after[a]];
    const order = was === is ? 0 : was === undefined ? 1 : is === undefined ? -1 : byDestination(was, is);
    if (order <= 0 && was !== undefined) b++;
    if (order >= 0 && is !== undefined) a++;
    if (was === is) continue;
    if (order <= 0 && was !== undefined) old.push(was);
    if (order >= 0 && is !== undefined) fresh.push(is);
  }
  return { fresh, old };
}
