import { BuilderError } from "./builder-error.js";
import { sortedEntries } from "./sorted-entries.js";

/** Clusters and their shares: `{ a: 90, b: 10 }`. Shares need not add up to anything in particular. */
export type WeightedClusters = Readonly<Record<string, number>>;

/**
 * The clusters in the order of their names, so that the same shares always give the same bytes.
 *
 * @throws BuilderError for a weight that is no whole number, and when all are 0.
 */
export function clusterWeights(weights: WeightedClusters, path: string): { name: string; weight: number }[] {
  const clusters = sortedEntries(weights).map(([name, weight]) => {
    if (!Number.isInteger(weight) || weight < 0) {
      throw new BuilderError("invalid-weight", `${path}[${JSON.stringify(name)}]`, "a whole number, 0 or more", weight);
    }
    return { name, weight };
  });
  const sum = clusters.reduce((total, { weight }) => total + weight, 0);
  if (sum < 1 || sum > 0xffff_ffff) {
    throw new BuilderError("invalid-weight", path, "weights whose sum is from 1 to 4294967295", sum);
  }
  return clusters;
}
