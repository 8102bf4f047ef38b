import { eventually } from "@rxds/testkit";
import { httpListener, type ResourceItem, routes } from "rxds";
import { expect } from "vitest";
import type { Lab } from "./lab.js";
import { type RejectionKind, rejectionKinds } from "./rejection-kinds.js";
import { revisions } from "./revisions.js";

/** The resources of every case. One is called as a word that Envoy's phrases hold. */
export const NAMES = ["web", "shop", "a", "blog", "wiki"];

/** The routes of the listener `ingress`, which has no part in the rejections. */
export const main = (body: string) => routes("main", { "/": { directResponse: { status: 200, body } } });

/** All revisions of NAMES that are in force in Envoy. */
export async function inForce({ envoy }: Lab, { of }: RejectionKind): Promise<Record<string, string>> {
  const all = await revisions(envoy, of.type);
  return Object.fromEntries(
    NAMES.flatMap((name) => (all[name] === undefined || all[name] === "" ? [] : [[name, all[name]]])),
  );
}

/** How many responses of a type were sent, and how many of them rejected. */
export function counts({ events }: Lab, type: string) {
  const count = (kind: "sent" | "rejected") =>
    events.filter((event) => event.kind === kind && event.type === type).length;
  return { sent: count("sent"), rejected: count("rejected") };
}

/** As {@link counts}, when nothing of that type is under way or in line. */
export async function settledCounts(lab: Lab, type: string) {
  await eventually(() => expect(status(lab, type)).toMatchObject({ pending: false, inFlight: [], onTrial: [] }));
  return counts(lab, type);
}

/** The names that Envoy is said to have rejected. */
export function quarantined(lab: Lab, type: string): string[] {
  return (status(lab, type)?.quarantined ?? []).map(({ name }) => name).sort();
}

function status({ server }: Lab, typeUrl: string) {
  return server()
    .clients()[0]
    ?.types.find(({ type }) => type === typeUrl);
}

/** Good resources of those names. */
export const allOf = async ({ of }: RejectionKind, names: readonly string[], revision: string) =>
  Promise.all(names.map((name) => of.good(name, revision)));

/** What makes Envoy ask for the resources of those names, and for `main`. */
export function frame({ of }: RejectionKind, names: readonly string[]): readonly ResourceItem[] {
  return [httpListener({ name: "ingress", port: 0, routeConfig: "main" }), ...names.flatMap((name) => of.frame(name))];
}

/** Every kind in both variants of the protocol, with a title. */
export const rejectionCases = (["delta", "sotw"] as const).flatMap((mode) =>
  rejectionKinds.map((kind) => {
    const title = `${kind.of.type.split(".").at(-1)}, ${kind.reason} (${mode})`;
    return [title, { ...kind, mode }] as const;
  }),
);
