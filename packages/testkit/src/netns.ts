/** The path of a network namespace's file, by its name as in `ip netns`. */
export function netnsPath(name: string): string {
  return `/run/netns/${name}`;
}
