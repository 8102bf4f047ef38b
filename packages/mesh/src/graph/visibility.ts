import type { Workload } from "../model/document.js";
import { callerClass, isVisible } from "./caller-class.js";
import { costs } from "./costs.js";
import type { Dirt } from "./dirt.js";
import type { MeshIndex } from "./mesh-index.js";

/** Callers that see the same, and what they see. */
export interface CallerView {
  readonly key: string;
  /** Names of services. */
  readonly services: ReadonlySet<string>;
  /** Services that they do not see, and that do not let everybody in: a call past their proxy must not get through. */
  readonly guarded: ReadonlySet<string>;
}

interface MutableView extends CallerView {
  readonly sample: Workload;
  readonly services: Set<string>;
  readonly guarded: Set<string>;
}

/** What callers see, kept for all classes of callers that somebody asked for. */
export class Visibility {
  readonly #views = new Map<string, MutableView>();

  constructor(readonly index: MeshIndex) {}

  /** What a workload sees as a caller. */
  of(workload: Workload): CallerView {
    const key = callerClass(workload, this.index);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = { key, sample: workload, services: new Set(), guarded: new Set() };
      for (const service of this.index.services.keys()) this.#look(service, view);
      this.#views.set(key, view);
    }
    return view;
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
  #look(service: string, { sample, services, guarded }: MutableView): boolean {
    costs.visibility++;
    const exists = this.index.services.has(service);
    const visible = exists && isVisible(service, sample, this.index);
    const locked = exists && !visible && this.index.policiesOf(service).length > 0;
    const changed = services.has(service) !== visible || guarded.has(service) !== locked;
    for (const [set, is] of [
      [services, visible],
      [guarded, locked],
    ] as const) {
      if (is) set.add(service);
      else set.delete(service);
    }
    return changed;
  }
}
