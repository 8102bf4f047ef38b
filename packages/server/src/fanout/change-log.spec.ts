import fc from "fast-check";
import { expect, test } from "vitest";
import { ChangeLog } from "./change-log.js";

test("a change log tells for every cursor that it reaches what changed since, each id once", () => {
  const commits = fc.array(fc.array(fc.nat(20), { maxLength: 5 }), { size: "max", maxLength: 120 });
  fc.assert(
    fc.property(commits, fc.nat(30), (all, keep) => {
      const log = new ChangeLog(0);
      all.forEach((ids, i) => {
        for (const id of ids) log.push(i + 1, id, keep);
      });
      for (let cursor = 0; cursor <= all.length; cursor++) {
        const since = log.since(cursor);
        if (cursor < log.floor) expect(since).toBeUndefined();
        else expect(since).toEqual([...new Set(all.slice(cursor).flat())].sort((a, b) => a - b));
      }
      expect(log.floor).toBeLessThan(all.length + 1);
    }),
  );
});
