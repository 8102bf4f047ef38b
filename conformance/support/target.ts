import { inject } from "vitest";
import { controlClient } from "../control/client.js";
import type { Capability } from "../control/protocol.js";

const target = inject("target");

/** Where the server under test speaks xDS. */
export const { address } = target;

/** Its control endpoint. */
export const control = controlClient(target.control);

/** With `split`: about how many bytes a delta response holds at most. */
export const splitBytes = target.capabilities.split_bytes ?? 0;

/** Whether the server can do something that it need not. Tests ask while they are collected, and are left out if it can't. */
export function can(capability: Capability): boolean {
  return target.capabilities.capabilities.includes(capability);
}

/**
 * The names that a response of the state of the world holds, of a type where omission is no deletion: what changed, or
 * everything.
 */
export function partial(changed: readonly string[], everything: readonly string[]): readonly string[] {
  return can("partial") ? changed : everything;
}

/** How long a test waits for what must come. */
export const deadlineMs = Number(process.env.RXDS_CONFORMANCE_DEADLINE_MS || 10_000);
