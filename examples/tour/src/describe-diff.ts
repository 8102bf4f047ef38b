import { diff, resourceType, type Snapshot } from "rxds";

/** What differs between two snapshots, as an expectation writes it: `"+ CDS web"`, `"~ EDS web"`, `"- RDS day"`. */
export function describeDiff(before: Snapshot, after: Snapshot): string[] {
  const { upserts, removals } = diff(before, after);
  return [
    ...upserts.map(({ type, name }) => `${before.get(type, name) ? "~" : "+"} ${resourceType(type).label} ${name}`),
    ...removals.map(({ type, name }) => `- ${resourceType(type).label} ${name}`),
  ];
}
