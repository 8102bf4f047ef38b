import { expect, test } from "vitest";
import { cgroup2Root, checkBpfFs, parseMounts } from "./mounts.js";

const line = (path: string, type: string, root = "/") =>
  `36 35 0:30 ${root} ${path} rw,relatime shared:9 - ${type} none rw`;

test("cgroup2 is found on a mount of its own beside version 1, and alone", () => {
  const hybrid = [
    line("/sys/fs/cgroup", "tmpfs"),
    line("/sys/fs/cgroup/cpu", "cgroup"),
    line("/sys/fs/cgroup/unified", "cgroup2"),
  ];
  expect(cgroup2Root(hybrid.join("\n"))).toBe("/sys/fs/cgroup/unified");
  expect(cgroup2Root(line("/sys/fs/cgroup", "cgroup2"))).toBe("/sys/fs/cgroup");
});

test("a mount of the whole hierarchy is preferred to one of a part", () => {
  const mounts = [line("/part", "cgroup2", "/kubepods"), line("/all", "cgroup2")];
  expect(cgroup2Root(mounts.join("\n"))).toBe("/all");
});

test("without cgroup2 it is told how to mount it", () => {
  expect(() => cgroup2Root(line("/sys/fs/cgroup", "cgroup"))).toThrow("mount -t cgroup2");
});

test("paths with spaces are read", () => {
  expect(parseMounts(line("/a\\040b", "bpf"))).toEqual([{ path: "/a b", type: "bpf", root: "/" }]);
});

test("a folder on another file system is told, with how to mount one", () => {
  expect(() => checkBpfFs("/")).toThrow("mount -t bpf bpf");
  expect(() => checkBpfFs("/no/such/folder")).toThrow("expected a BPF file system at /no/such/folder");
});
