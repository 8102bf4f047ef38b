import { diff, type Snapshot, typeUrls } from "rxds";

/**
 * How many responses a plain push from one snapshot to the next needs: one for each type of which Envoy must hear. The
 * endpoints of a cluster that comes or changes are needed even if they are the same; removals matter only for clusters and
 * listeners.
 */
export function plainNeed(before: Snapshot, after: Snapshot): number {
  const { upserts, removals } = diff(before, after);
  const touched = new Set(upserts.map(({ type }) => type));
  if (touched.has(typeUrls.cluster)) touched.add(typeUrls.endpoints);
  for (const { type } of removals) if (type === typeUrls.cluster || type === typeUrls.listener) touched.add(type);
  return touched.size;
}
