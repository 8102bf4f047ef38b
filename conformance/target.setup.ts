import type { TestProject } from "vitest/node";
import { checkAlive } from "./control/alive.js";
import { controlClient } from "./control/client.js";
import type { Capabilities } from "./control/protocol.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The server under test. */
    readonly target: { readonly address: string; readonly control: string; readonly capabilities: Capabilities };
  }
}

/**
 * Finds the server under test: the one that `npm run conformance -- --target` names, else an rxds that is started here. It
 * is loaded through Vite, so that a mutant of it can be.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { RXDS_CONFORMANCE_TARGET: address, RXDS_CONFORMANCE_CONTROL: control } = process.env;
  if (address && control) {
    await provide(project, address, control);
    return async () => {};
  }
  const { startRxdsTarget } = await import("./rxds-target/start.js");
  const target = await startRxdsTarget();
  const stop = async () => target[Symbol.asyncDispose]();
  try {
    await provide(project, target.address, target.control);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function provide(project: TestProject, address: string, url: string): Promise<void> {
  const control = controlClient(url);
  const capabilities = await control.capabilities();
  await checkAlive(address, control);
  project.provide("target", { address, control: url, capabilities });
}
