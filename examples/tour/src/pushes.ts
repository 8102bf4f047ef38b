import type { XdsEvent } from "rxds";
import type { Observable } from "rxjs";

/** A response that was sent to Envoy. */
export interface Push {
  /** `"EDS"` */
  readonly label: string;
  readonly names: readonly string[];
  readonly removedNames: readonly string[];
  /** Its encoded size. */
  readonly bytes: number;
  /** What Envoy said to it. */
  answer: "no answer" | "ACK" | `NACK: ${string}`;
}

/** Collects what is sent from now on, with Envoy's answers. The list grows. */
export function collectPushes(events$: Observable<XdsEvent>): readonly Push[] {
  const pushes: Push[] = [];
  const open = new Map<string, Push>();
  events$.subscribe((event) => {
    if (event.kind === "sent") {
      const { label, names, removedNames, bytes } = event;
      const push: Push = { label, names, removedNames, bytes, answer: "no answer" };
      pushes.push(push);
      open.set(`${event.stream} ${event.nonce}`, push);
    } else if (event.kind === "acked" || event.kind === "rejected") {
      const push = open.get(`${event.stream} ${event.nonce}`);
      if (push !== undefined)
        push.answer = event.kind === "acked" ? "ACK" : `NACK: ${event.detail.replace(/\s+/g, " ")}`;
    }
  });
  return pushes;
}

/** What a response says, as an expectation writes it. */
export function contentOf({ label, names, removedNames }: Push): string[] {
  return [...names.map((name) => `${label} ${name}`), ...removedNames.map((name) => `-${label} ${name}`)];
}
