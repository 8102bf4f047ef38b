import { isStore } from "@rxds/core";
import { XdsOptionError } from "../limits/option-error.js";
import type { XdsOptions } from "../xds-options.js";
import { partsOf } from "./source.js";

/** Looks at the options for sources. @throws XdsOptionError */
export function checkSourceOptions({ snapshots, debounce, massDeletion }: XdsOptions): void {
  if (debounce !== undefined) {
    const { quietMs, maxMs } = debounce;
    if (!(quietMs >= 0 && quietMs <= maxMs && maxMs < 2 ** 31)) {
      const got = `quietMs ${quietMs}, maxMs ${maxMs}`;
      throw new XdsOptionError("debounce", `expected 0 <= quietMs <= maxMs < 2^31 milliseconds; got ${got}`);
    }
  }
  if (massDeletion !== undefined) {
    const { share, atLeast = 1 } = massDeletion;
    if (!(share >= 0 && share <= 1)) {
      throw new XdsOptionError("massDeletion.share", `expected a part from 0 to 1; got ${share}`);
    }
    if (!Number.isInteger(atLeast) || atLeast < 1) {
      throw new XdsOptionError("massDeletion.atLeast", `expected a whole number from 1 on; got ${atLeast}`);
    }
  }
  const option = debounce ? "debounce" : massDeletion ? "massDeletion" : undefined;
  if (option === undefined || typeof snapshots === "function" || !isStore(partsOf(snapshots).base)) return;
  const why = "a store's commits are in force when they are made, and can't be delayed or held back by the server";
  throw new XdsOptionError(option, `${why}: serve an Observable of snapshots, or look at changes before store.update`);
}
