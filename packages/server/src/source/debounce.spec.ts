import { map, type Observable, Subject } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bursts } from "./debounce.js";

/** Runs a source, drawn with a character for each ms, through `bursts`; each burst is written as its values. */
function check(source: string, expected: string, made: Record<string, string>, { quietMs = 3, maxMs = 10 } = {}): void {
  const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
  scheduler.run(({ hot, expectObservable }) => {
    const values: Observable<string> = hot(source);
    const merged = values.pipe(
      bursts({ quietMs, maxMs }, scheduler),
      map((burst) => burst.join("")),
    );
    expectObservable(merged).toBe(expected, made);
  });
}

test("the first value is not delayed, those after it wait for quiet", () => {
  check("a--b-----c---", "A-----B-----C", { A: "a", B: "b", C: "c" });
});

test("the values of a burst come together, the newest last", () => {
  check("a--bcd-------", "A-------B", { A: "a", B: "bcd" });
});

test("a burst without an end is taken after the longest time", () => {
  const values = "a-bc-de-fg-hi-jk-l------";
  check(values, "A-----------B-------C", { A: "a", B: "bcdefghi", C: "jkl" });
});

test("what is pending comes before the end of the source", () => {
  check("a--b|", "A---(B|)", { A: "a", B: "b" });
  check("a--b#", "A---(B#)", { A: "a", B: "b" });
});

test("who unsubscribes leaves no timer behind", () => {
  const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
  scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot("a--b---");
    expectObservable(source.pipe(bursts({ quietMs: 3, maxMs: 10 }, scheduler)), "^---!").toBe("A------", { A: ["a"] });
    expectSubscriptions(source.subscriptions).toBe("^---!");
  });
});

describe("with a clock of its own", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watch() {
    const source = new Subject<number>();
    const seen: (readonly number[])[] = [];
    source.pipe(bursts({ quietMs: 3, maxMs: 10 })).subscribe((burst) => seen.push(burst));
    source.next(-1);
    return { source, seen };
  }

  test("a source that lets no timer run is heard after the longest time all the same", () => {
    const { source, seen } = watch();
    const start = Date.now();
    for (let ms = 0; ms < 25; ms++) {
      // Time passes, but no timer runs.
      vi.setSystemTime(start + ms);
      source.next(ms);
    }
    expect(seen.map((burst) => burst.at(-1))).toEqual([-1, 10, 21]);
  });

  test("of an endless burst only the newest are remembered", () => {
    const { source, seen } = watch();
    for (let i = 0; i < 100; i++) source.next(i);
    vi.advanceTimersByTime(3);
    expect([seen[1]?.length, seen[1]?.at(-1)]).toEqual([64, 99]);
  });

  test("many values take one timer, and none is left when all is quiet", () => {
    const { source } = watch();
    for (let i = 0; i < 100; i++) source.next(i);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
