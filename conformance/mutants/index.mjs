// Each mutant switches one rule off. They are data: no source knows of them. See scripts/test-mutants.mjs.
import { delta } from "./delta.mjs";
import { operation } from "./operation.mjs";
import { order } from "./order.mjs";
import { sotw } from "./sotw.mjs";
import { transport } from "./transport.mjs";
import { types } from "./types.mjs";
import { wildcard } from "./wildcard.mjs";

/** All mutants, in the order of the rules. */
export const mutants = [transport, sotw, wildcard, delta, order, types, operation]
  .flat()
  .sort((a, b) => a.rule - b.rule);

/** Rules with tests that no mutant of our sources can switch off, and why. */
export const withoutMutants = new Map([[75, "Node's HTTP/2 answers pings by itself"]]);
