import fc from "fast-check";
import { expect, test } from "vitest";
import { InitialLine } from "./initial-line.js";

interface One {
  readonly name: string;
  closed: boolean;
}

/** A line, and who was called, in order. */
function lineOf(mostBytes: number) {
  const called: string[] = [];
  const line = new InitialLine<One>(mostBytes, ({ name }) => called.push(name));
  return { line, called };
}

const one = (name: string): One => ({ name, closed: false });

test("while there is room everybody may push at once", () => {
  const { line, called } = lineOf(10);
  expect(line.enter(one("a"))).toBe(true);
  line.took(9);
  expect(line.enter(one("b"))).toBe(true);
  expect([line.waiting, called]).toEqual([0, []]);
});

test("when the room is taken others wait, and are called in the order in which they came", () => {
  const { line, called } = lineOf(10);
  const [a, b, c] = [one("a"), one("b"), one("c")];
  line.enter(a);
  line.took(10);
  expect([line.enter(b), line.enter(c)]).toEqual([false, false]);
  line.gave(10);
  expect(called).toEqual(["b"]);
  // Who comes now has to wait although there is room.
  expect(line.enter(one("d"))).toBe(false);
  expect(line.enter(b)).toBe(true);
  line.took(10);
  expect(line.enter(c)).toBe(false);
  line.gave(10);
  expect(line.enter(c)).toBe(true);
  expect(called.at(-1)).toBe("d");
});

test("a single response may be larger than all the room", () => {
  const { line } = lineOf(10);
  expect(line.enter(one("a"))).toBe(true);
  line.took(1000);
  expect(line.enter(one("b"))).toBe(false);
});

test("who is gone, or wants nothing any more, holds nobody up", () => {
  const { line, called } = lineOf(10);
  const [a, b, c] = [one("a"), one("b"), one("c")];
  line.took(10);
  for (const each of [a, b, c]) line.enter(each);
  a.closed = true;
  line.gave(10);
  expect(called).toEqual(["b"]);
  line.leave(b);
  expect(called).toEqual(["b", "c"]);
  expect(line.waiting).toBe(1);
});

test("whatever happens, nobody is overtaken, the bytes stay below the limit and one response, and all get through", () => {
  const most = 100;
  const sizes = fc.array(fc.record({ size: fc.integer({ min: 1, max: 150 }), gone: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.nat()), (pushes, choice) => {
      const queue: (One & { size: number })[] = [];
      const line = new InitialLine<One & { size: number }>(most, (first) => queue.push(first));
      const flying: number[] = [];
      const sent: string[] = [];
      const pick = (length: number) => (choice.next().value ?? 0) % length;
      const attempt = (each: One & { size: number }) => {
        if (each.closed || sent.includes(each.name) || !line.enter(each)) return;
        sent.push(each.name);
        line.took(each.size);
        flying.push(each.size);
        expect(line.bytes).toBeLessThan(most + each.size);
      };
      const all = pushes.map(({ size }, i) => ({ name: String(i), closed: false, size }));
      const coming = [...all];
      const gone = new Set<string>();
      while (coming.length + queue.length + flying.length > 0) {
        const steps: (() => void)[] = [];
        if (coming.length > 0) steps.push(() => attempt(coming.shift()!));
        if (queue.length > 0) steps.push(() => attempt(queue.shift()!));
        if (flying.length > 0) steps.push(() => line.gave(flying.splice(pick(flying.length), 1)[0]!));
        steps[pick(steps.length)]!();
        const leaver = all[pick(all.length)]!;
        if (pushes[Number(leaver.name)]!.gone && !sent.includes(leaver.name) && !coming.includes(leaver)) {
          leaver.closed = true;
          gone.add(leaver.name);
          line.next();
        }
      }
      expect(sent).toEqual(all.map(({ name }) => name).filter((name) => !gone.has(name)));
      expect([line.bytes, line.waiting]).toEqual([0, 0]);
    }),
  );
});
