import { knownDeltaHistories } from "./known-delta-histories.js";
import { knownReconnects } from "./known-reconnects.js";
import { knownSotwHistories } from "./known-sotw-histories.js";

/** Histories that went wrong once, or with a mistake made on purpose, shrunk. */
export const knownLiveHistories = { ...knownSotwHistories, ...knownDeltaHistories, ...knownReconnects };
