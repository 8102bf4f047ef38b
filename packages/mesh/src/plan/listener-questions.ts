import type { ListenerFacts } from "./ready-plans.js";
import type { RedirectPlan } from "./redirect-plan.js";

/** As long as a timer can be, in milliseconds. */
const FOR_EVER = 2 ** 31 - 1;

/** A listener that somebody waits for. */
interface Question {
  readonly stop: AbortController;
  ready: boolean;
}

/** Asks for the listeners that plans lead to: for each once, as long as it is wanted. */
export class ListenerQuestions {
  /** By proxy and listener. */
  #asked = new Map<string, Map<string, Question>>();
  #open = 0;

  constructor(
    readonly facts: ListenerFacts,
    /** A listener has become ready. */
    readonly answered: () => void,
  ) {}

  /** How many are not ready yet. */
  get open(): number {
    return this.#open;
  }

  readonly isReady = (proxy: string, listener: string): boolean =>
    this.#asked.get(proxy)?.get(listener)?.ready === true;

  /** Asks for what a plan leads to and was not asked for yet, and for nothing else any more. */
  ask({ groups }: RedirectPlan): void {
    const before = this.#asked;
    this.#asked = new Map();
    for (const { proxy, entries, inbound } of groups) {
      const wanted = new Map<string, Question>();
      this.#asked.set(proxy, wanted);
      const old = before.get(proxy);
      const want = (listener: string) => {
        if (wanted.has(listener)) return;
        wanted.set(listener, old?.get(listener) ?? this.#question(proxy, listener));
        old?.delete(listener);
      };
      for (const { listeners } of entries) for (const listener of listeners) want(listener);
      if (inbound !== undefined) want(inbound.listener);
    }
    for (const left of before.values()) for (const question of left.values()) this.#drop(question);
  }

  /** Asks for nothing any more. */
  close(): void {
    this.ask({ node: "", generation: "", groups: [] });
  }

  #question(proxy: string, listener: string): Question {
    const question: Question = { stop: new AbortController(), ready: false };
    this.#open++;
    const { signal } = question.stop;
    this.facts.listenerReady(proxy, listener, { deadlineMs: FOR_EVER, signal }).then(
      () => {
        if (signal.aborted) return;
        question.ready = true;
        this.#open--;
        this.answered();
      },
      () => {
        // Given up after a very long time, not by us: the next plan asks again.
        if (signal.aborted || this.#asked.get(proxy)?.get(listener) !== question) return;
        this.#asked.get(proxy)?.delete(listener);
        this.#drop(question);
      },
    );
    return question;
  }

  #drop({ stop, ready }: Question): void {
    if (!ready) this.#open--;
    stop.abort();
  }
}
