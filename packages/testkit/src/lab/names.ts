import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

// Namespaces, control groups and mounts outlive whoever made them, so their names tell their owner:
// rxds-PID-STARTED-LAB, and after another dash which of them it is. Process ids are used again; together with the time that
// the kernel noted for the start of the process they are not.

/** What the names of all that a new lab of this process makes begin with. */
export function labPrefix(): string {
  return `rxds-${process.pid}-${startTime(process.pid)}-${randomBytes(3).toString("hex")}`;
}

/** Whether something was made by a lab whose process has ended. False for all that no lab has made. */
export function isLeftover(name: string): boolean {
  const match = /^rxds-(\d+)-(\d+)-[\da-f]{6}(?:-|$)/.exec(name);
  return match !== null && startTime(Number(match[1])) !== match[2];
}

/** When a process started, in clock ticks since boot; undefined when it is no more, or has only not been reaped yet. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
