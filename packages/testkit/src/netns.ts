/** The path of a network namespace's file, by its name as in `ip netns`. */
export function netnsPath(name: string): string {
  return `/run/netns/${name}`;
}

/**
 * What to write before a command so that it runs in a network namespace; nothing for undefined. Not `ip netns exec`,
 * which mounts another /sys and so hides the control groups.
 */
export function entering(netns: string | undefined): string[] {
  return netns === undefined ? [] : ["nsenter", `--net=${netnsPath(netns)}`, "--"];
}
