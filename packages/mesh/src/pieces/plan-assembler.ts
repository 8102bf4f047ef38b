import { addLanes, type Lanes, lanesVersion, resourceLanes, subtractLanes, ZERO_LANES } from "@rxds/core/version";
import type {
  RedirectGroupPiece,
  RedirectPlanPiece,
  RedirectServicePiece,
} from "@rxds/envoy-api/rxds/mesh/v1/redirect_plan";
import type { RedirectPlan } from "../plan/redirect-plan.js";
import { decodePiece } from "./decode-piece.js";
import { type AssembledGroup, assembleGroup } from "./group-assembly.js";
import { PlanPieceError } from "./plan-piece-error.js";

/** A piece as it comes: a resource of type {@link REDIRECT_PIECE}. */
export interface PlanPiece {
  /** The resource's name. */
  readonly name: string;
  /** The resource's version. */
  readonly version: string;
  /** The encoded `rxds.mesh.v1.RedirectPiece`. */
  readonly value: Uint8Array;
}

/** Puts the redirect plan of a node together again. */
export interface PlanAssembler {
  /**
   * Takes pieces that are new or changed, and names of pieces that are gone, in any order and in any number of parts.
   * @throws PlanPieceError for the first piece that cannot be used. All others are taken.
   */
  take(upserts: Iterable<PlanPiece>, removals: Iterable<string>): void;
  /**
   * The plan, if the pieces are just those of one plan; undefined while some are missing or left over from another. The same
   * object as long as no piece changes.
   * @throws PlanPieceError when the pieces do not fit together.
   */
  plan(): RedirectPlan | undefined;
}

/** Makes an assembler without pieces. */
export function createPlanAssembler(): PlanAssembler {
  return new Assembler();
}

class Assembler implements PlanAssembler {
  readonly #lanes = new Map<string, Lanes>();
  readonly #groups = new Map<string, RedirectGroupPiece>();
  /** By proxy and name of the piece. A group whose services change gets another map. */
  readonly #services = new Map<string, ReadonlyMap<string, RedirectServicePiece>>();
  /** Which proxy a service's piece belongs to, and which group a group's is. */
  readonly #proxies = new Map<string, string>();
  #sum: Lanes = ZERO_LANES;
  #plan: RedirectPlanPiece | undefined;
  #assembled = new Map<string, AssembledGroup>();
  #last: RedirectPlan | undefined;

  take(upserts: Iterable<PlanPiece>, removals: Iterable<string>): void {
    const touched = new Map<string, Map<string, RedirectServicePiece>>();
    for (const name of removals) this.#drop(name, touched);
    let first: unknown;
    for (const piece of upserts) {
      try {
        this.#put(piece, touched);
      } catch (error) {
        first ??= error;
      }
    }
    if (first !== undefined) throw first;
  }

  plan(): RedirectPlan | undefined {
    const plan = this.#plan;
    if (plan === undefined || lanesVersion(this.#sum) !== plan.digest) return undefined;
    if (this.#last !== undefined) return this.#last;
    const assembled = new Map<string, AssembledGroup>();
    for (const proxy of plan.proxies) {
      const head = this.#groups.get(proxy);
      if (head === undefined) throw new PlanPieceError("plan", `there is no piece for the group of ${proxy}`);
      const like = head.like === "" ? undefined : assembled.get(head.like);
      if (head.like !== "" && like === undefined) {
        throw new PlanPieceError("plan", `the group of ${proxy} is like ${head.like}; expected an earlier group`);
      }
      const services = this.#services.get(proxy) ?? NOTHING;
      assembled.set(proxy, assembleGroup({ head, like, services }, this.#assembled.get(proxy)));
    }
    this.#assembled = assembled;
    for (const [proxy, services] of this.#services) if (services.size === 0) this.#services.delete(proxy);
    const { node, generation, passWhenAway } = plan;
    const away = passWhenAway ? { whenAway: "pass" as const } : {};
    this.#last = { node, generation, ...away, groups: [...assembled.values()].map(({ group }) => group) };
    return this.#last;
  }

  #put({ name, version, value }: PlanPiece, touched: Map<string, Map<string, RedirectServicePiece>>): void {
    const piece = decodePiece(name, value);
    this.#drop(name, touched);
    if (piece.case === "plan") {
      this.#plan = piece.value;
      return;
    }
    const lanes = resourceLanes({ name, version, ttl: undefined, aliases: undefined });
    this.#lanes.set(name, lanes);
    this.#sum = addLanes(this.#sum, lanes);
    if (piece.case === "group") {
      this.#proxies.set(name, piece.value.proxy);
      this.#groups.set(piece.value.proxy, piece.value);
    } else if (piece.case === "service") {
      this.#proxies.set(name, piece.value.proxy);
      this.#touch(piece.value.proxy, touched).set(name, piece.value);
    }
  }

  #drop(name: string, touched: Map<string, Map<string, RedirectServicePiece>>): void {
    this.#last = undefined;
    if (name === "plan") this.#plan = undefined;
    const lanes = this.#lanes.get(name);
    const proxy = this.#proxies.get(name);
    if (lanes === undefined || proxy === undefined) return;
    this.#lanes.delete(name);
    this.#proxies.delete(name);
    this.#sum = subtractLanes(this.#sum, lanes);
    if (this.#services.get(proxy)?.has(name)) this.#touch(proxy, touched).delete(name);
    else this.#groups.delete(proxy);
  }

  /** The services of a group, to be changed: copied once a turn. */
  #touch(proxy: string, touched: Map<string, Map<string, RedirectServicePiece>>): Map<string, RedirectServicePiece> {
    let copy = touched.get(proxy);
    if (copy === undefined) {
      copy = new Map(this.#services.get(proxy));
      touched.set(proxy, copy);
      this.#services.set(proxy, copy);
    }
    return copy;
  }
}

const NOTHING: ReadonlyMap<string, RedirectServicePiece> = new Map();
