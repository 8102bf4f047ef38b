import { type Observable, Subject } from "rxjs";
import type { Logger } from "../xds-options.js";
import type { XdsEvent } from "./events.js";

/** The way out for events. */
export interface Events {
  readonly events$: Observable<XdsEvent>;
  /** Builds and emits an event, if anybody listens. */
  emit(build: () => XdsEvent): void;
  complete(): void;
}

const WARNINGS: ReadonlySet<XdsEvent["kind"]> = new Set<XdsEvent["kind"]>([
  "rejected",
  "quarantined",
  "violated",
  "limited",
  "refused-client",
  "refused-snapshot",
  "held-snapshot",
]);

/** Whether a person should look at it. A source that completes is as good as one that has no more to say. */
const isWarning = (event: XdsEvent): boolean =>
  WARNINGS.has(event.kind) ||
  (event.kind === "held" && event.overdue) ||
  (event.kind === "source-ended" && event.error !== undefined);

export function createEvents(logger: Logger | undefined): Events {
  const events = new Subject<XdsEvent>();
  if (logger !== undefined) {
    // A subscriber like any other: what it throws does not reach the server.
    events.subscribe((event) => {
      const line = `${event.kind}: ${event.detail}`;
      if (isWarning(event)) logger.warn(line);
      else logger.info(line);
    });
  }
  return {
    events$: events.asObservable(),
    emit(build) {
      if (events.observed) events.next(build());
    },
    complete: () => events.complete(),
  };
}
