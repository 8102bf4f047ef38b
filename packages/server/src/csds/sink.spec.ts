import fc from "fast-check";
import { expect, test } from "vitest";
import { Sink } from "./sink.js";

test("what is written comes out in order, with headers before what follows them", () => {
  const group = fc.record({
    header: fc.string({ maxLength: 3 }),
    pieces: fc.array(fc.nat({ max: 100_000 }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 5 }), (groups) => {
      const sink = new Sink();
      const expected: Buffer[] = [];
      let value = 0;
      for (const { header, pieces } of groups) {
        const head = Buffer.from(header);
        const put = sink.mark();
        expected.push(head);
        for (const size of pieces) {
          const { into, at } = sink.room(size);
          into.fill(++value % 256, at, at + size);
          expected.push(Buffer.alloc(size, value % 256));
        }
        put(head);
      }
      const all = Buffer.concat(expected);
      expect(sink.size).toBe(all.length);
      expect(sink.bytes().equals(all)).toBe(true);
    }),
  );
});
