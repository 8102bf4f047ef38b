import type { MeshSettings } from "../model/document.js";
import type { Dirt } from "./dirt.js";
import type { MeshIndex } from "./mesh-index.js";

type Settings = MeshSettings["spec"];

/** Marks what other settings make dirty. Who carries whose connections changes no service. */
export function settingsDirt(
  before: MeshSettings | undefined,
  after: MeshSettings | undefined,
  index: MeshIndex,
  dirt: Dirt,
): void {
  const [was, is]: [Settings, Settings] = [before?.spec ?? {}, after?.spec ?? {}];
  const differ = (...fields: readonly (keyof Settings)[]) =>
    fields.some((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]));
  if (differ("accessLog", "defaults")) {
    for (const name of index.services.keys()) {
      for (const set of [dirt.services, dirt.incoming]) set.add(name);
    }
  }
  if (differ("ports", "accessLog", "defaults")) for (const name of index.workloads.keys()) dirt.inbound.add(name);
  if (differ("ports")) dirt.ports = true;
  if (differ("whenProxyAway")) dirt.plans = true;
  if (differ("scope")) dirt.scopes = true;
  if (differ("topology", "enrol")) for (const name of index.nodeNames()) dirt.residents.add(name);
}
