import { from, map, type Observable, switchMap, timer } from "rxjs";
import type { BpfMap, BpfMaps } from "../kernel/bpf-maps.js";
import { readCounters, type ServiceCounters } from "./counters.js";
import type { Names } from "./ids.js";

/** Counters of all services by name: now, and again and again while subscribed. */
export function countersOf(
  maps: BpfMaps,
  counters: BpfMap,
  names: Names,
  everyMs: number,
): Observable<readonly ServiceCounters[]> {
  return timer(0, everyMs).pipe(
    switchMap(() => from(readCounters(maps, counters))),
    map((byId) => named(byId, names)),
  );
}

/** Counters with the names of their services, sorted by them. */
export function named(byId: ReadonlyMap<number, Omit<ServiceCounters, "service">>, names: Names): ServiceCounters[] {
  return [...byId]
    .map(([id, counters]) => ({ service: names.name("service", id) ?? `#${id}`, ...counters }))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}
