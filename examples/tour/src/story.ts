import type { Lab } from "./lab.js";
import { play } from "./play.js";
import { reportError, reportStep } from "./report.js";
import type { Step } from "./step.js";
import type { Style } from "./style.js";
import { verify } from "./verify.js";

/**
 * Plays the steps one after the other. Resolves with the number of those that did not go as expected; one that could not
 * be played to its end is the last.
 */
export async function tell(
  lab: Lab,
  steps: readonly Step[],
  print: (text: string) => void,
  style: Style,
): Promise<number> {
  let failed = 0;
  for (const [i, step] of steps.entries()) {
    try {
      const played = await play(lab, step);
      const wrong = verify(step.expect, played);
      if (wrong.length > 0) failed++;
      print(reportStep(i + 1, step.title, played, wrong, style));
    } catch (error) {
      print(reportError(i + 1, step.title, error, style));
      return failed + 1;
    }
  }
  return failed;
}
