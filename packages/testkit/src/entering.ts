import { netnsPath } from "./netns.js";

/** Where a program runs. Each is by default that of this process. */
export interface Surroundings {
  /** Name of the network namespace, as in `ip netns`. */
  readonly netns?: string | undefined;
  /** Path of the control group (version 2). */
  readonly cgroup?: string | undefined;
}

/**
 * What to write before a command so that it runs there, with the process id that is started. It is in its control group
 * before it does anything: a socket keeps that in which it was made. Not by `ip netns exec`, which mounts another /sys and
 * so hides the control groups.
 */
export function entering({ netns, cgroup }: Surroundings): string[] {
  return [
    ...(cgroup === undefined ? [] : ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup]),
    ...(netns === undefined ? [] : ["nsenter", `--net=${netnsPath(netns)}`, "--"]),
  ];
}
