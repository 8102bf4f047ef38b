import { expect, test } from "vitest";
import { memoryOf, parseSmaps } from "./smaps.js";

const ROLLUP = `22748b400000-7ffd01479000 ---p 00000000 00:00 0                          [rollup]
Rss:               71268 kB
Pss:               69489 kB
Pss_Dirty:         15952 kB
Pss_Anon:          15952 kB
Pss_File:          53537 kB
Pss_Shmem:             0 kB
Shared_Clean:       2044 kB
SwapPss:               0 kB
`;

test("kilobytes of 1024 bytes become megabytes of a million; lines with longer names are others", () => {
  const { pss, files, rss } = parseSmaps(ROLLUP);
  expect(pss).toBeCloseTo(71.156736, 6);
  expect(files).toBeCloseTo(54.821888, 6);
  expect(rss).toBeCloseTo(72.978432, 6);
});

test.each(["Rss", "Pss", "Pss_File"])("a text without %s is refused", (name) => {
  const text = ROLLUP.replace(new RegExp(`^${name}:.*\n`, "m"), "");
  expect(() => parseSmaps(text)).toThrow(`expected a line "${name}: … kB"`);
});

test.runIf(process.platform === "linux")("the memory of this process is no less than its share of it", async () => {
  const { pss, files, rss } = await memoryOf(process.pid);
  expect(files).toBeGreaterThan(0);
  expect(pss).toBeGreaterThan(files);
  expect(rss).toBeGreaterThanOrEqual(pss);
});
