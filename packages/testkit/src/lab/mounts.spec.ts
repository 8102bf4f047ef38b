import { expect, test } from "vitest";
import { parseMounts } from "./mounts.js";

test("the mount table is read, with optional fields, odd paths, and what may not be written", () => {
  const table = [
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate",
    "42 31 0:38 / /mnt/a\\040b ro,relatime - cgroup2 cgroup2 rw",
    "43 31 0:39 / /mnt/bpf rw - bpf bpf ro",
    "",
  ];
  expect(parseMounts(table.join("\n"))).toEqual([
    { path: "/sys/fs/cgroup", type: "tmpfs", writable: true },
    { path: "/sys/fs/cgroup/unified", type: "cgroup2", writable: true },
    { path: "/mnt/a b", type: "cgroup2", writable: false },
    { path: "/mnt/bpf", type: "bpf", writable: false },
  ]);
});
