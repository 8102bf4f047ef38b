import { expect, test } from "vitest";
import { withLab } from "../../examples/tour/src/lab.js";
import { steps } from "../../examples/tour/src/steps.js";
import { tell } from "../../examples/tour/src/story.js";
import { createStyle } from "../../examples/tour/src/style.js";

test("a step that does not go as expected is counted, and told with what was expected and what was seen", async () => {
  const [first] = steps;
  const wrong = { ...first!, expect: { ...first!.expect, pushed: ["CDS web"] } };
  const printed: string[] = [];
  const failed = await withLab((lab) => tell(lab, [wrong], (text) => printed.push(text), createStyle({})));
  expect(failed).toBe(1);
  expect(printed.join("\n")).toContain("not as expected");
  expect(printed.join("\n")).toContain("pushed: expected CDS web; seen CDS web, EDS web, LDS ingress, RDS day");
});

test("a step that cannot be played ends the story, and is counted", async () => {
  const broken = {
    ...steps[0]!,
    change: () => {
      throw new Error("the change is impossible");
    },
  };
  const printed: string[] = [];
  const failed = await withLab((lab) => tell(lab, [broken, ...steps], (text) => printed.push(text), createStyle({})));
  expect(failed).toBe(1);
  expect(printed).toEqual([expect.stringContaining("the change is impossible")]);
});
