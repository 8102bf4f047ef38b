import { httpGet } from "@rxds/testkit";

/** How many requests were answered by whom. An answer other than 200 counts as `"status 503"`. */
export type Counts = Readonly<Record<string, number>>;

/** Requests under way at once. */
const LANES = 8;

/** Sends requests, each on a connection of its own, and counts who answered. */
export async function sendRequests(url: string, count: number): Promise<Counts> {
  const counts = new Map<string, number>();
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      const { status, headers } = await httpGet(url);
      const who = status === 200 ? String(headers["x-upstream"]) : `status ${status}`;
      counts.set(who, (counts.get(who) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How many requests there were. */
export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
