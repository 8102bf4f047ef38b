import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Envoy } from "@rxds/testkit";

/** The temporary folder of a running Envoy, as Envoy itself tells it. */
export async function folderOf(envoy: Envoy): Promise<string> {
  const { commandLineOptions } = await envoy.serverInfo();
  return dirname(commandLineOptions!.configPath);
}

/** Throws while a process or a folder is still there. */
export function expectGone(pid: number, folder: string): void {
  if (alive(pid)) throw new Error(`process ${pid} is alive`);
  if (existsSync(folder)) throw new Error(`${folder} is there`);
}

/** Whether there is a process with this id. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
