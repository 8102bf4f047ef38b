import type { Workload } from "../model/document.js";
import { callerClass, isVisible } from "./caller-class.js";
import { costs } from "./costs.js";
import { SetDigest } from "./digest.js";
import type { Dirt } from "./dirt.js";
import type { MeshIndex } from "./mesh-index.js";

/** Callers that see the same, and what they see. */
export interface CallerView {
  readonly key: string;
  /** Names of services. */
  readonly services: ReadonlySet<string>;
  /** Tells apart those who see different services, or are kept out of different ones. */
  readonly digest: string;
  /** Services that they do not see, and that do not let everybody in: a call past their proxy must not get through. */
  readonly guarded: ReadonlySet<string>;
}

class View implements CallerView {
  readonly services = new Set<string>();
  readonly guarded = new Set<string>();
  readonly #digest = new SetDigest();

  constructor(
    readonly key: string,
    /** One of them: the others see the same. */
    readonly sample: Workload,
  ) {}

  get digest(): string {
    return this.#digest.toString();
  }

  /** Returns whether that is new. */
  mark(service: string, visible: boolean, locked: boolean): boolean {
    const seen = this.#put(this.services, service, service, visible);
    return this.#put(this.guarded, service, `${service} guarded`, locked) || seen;
  }

  #put(set: Set<string>, service: string, digested: string, is: boolean): boolean {
    if (set.has(service) === is) return false;
    if (is) {
      set.add(service);
      this.#digest.add(digested);
    } else {
      set.delete(service);
      this.#digest.delete(digested);
    }
    return true;
  }
}

/** What callers see, kept for all classes of callers that somebody asked for. */
export class Visibility {
  readonly #views = new Map<string, View>();

  constructor(readonly index: MeshIndex) {}

  /** What a workload sees as a caller. */
  of(workload: Workload): CallerView {
    const key = callerClass(workload, this.index);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = new View(key, workload);
      for (const service of this.index.services.keys()) this.#look(service, view);
      this.#views.set(key, view);
    }
    return view;
  }

  /** Forgets the classes that nobody asks for any more. */
  keep(used: ReadonlySet<string>): void {
    for (const key of this.#views.keys()) if (!used.has(key)) this.#views.delete(key);
  }

  /** How many classes of callers are known. */
  get size(): number {
    return this.#views.size;
  }

  /** Looks again at what may have changed. Returns the keys of the classes that see others than before. */
  update(dirt: Dirt): Set<string> {
    const changed = new Set<string>();
    if (dirt.scopes) {
      for (const key of this.#views.keys()) changed.add(key);
      this.#views.clear();
      return changed;
    }
    for (const service of dirt.visibility) {
      for (const view of this.#views.values()) if (this.#look(service, view)) changed.add(view.key);
    }
    return changed;
  }

  /** Returns whether anything changed. */
  #look(service: string, view: View): boolean {
    costs.visibility++;
    const exists = this.index.services.has(service);
    const visible = exists && isVisible(service, view.sample, this.index);
    const locked = exists && !visible && this.index.policiesOf(service).length > 0;
    return view.mark(service, visible, locked);
  }
}
