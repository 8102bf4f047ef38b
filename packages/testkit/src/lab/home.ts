import type { Surroundings } from "../entering.js";

/** Where the processes of a node or a pod run. */
export interface Home extends Surroundings {
  readonly netns: string;
}
