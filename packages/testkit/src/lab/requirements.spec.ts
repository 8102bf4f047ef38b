import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { TestkitError } from "../error.js";
import { checkBpffs, checkCapabilities, checkCgroups, checkTools, toolEnvironment } from "./requirements.js";

const failure = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each([
  ["CapEff:\t0000000000000000", ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]],
  ["CapEff:\t0000000000001000", ["CAP_SYS_ADMIN"]],
  ["", ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]],
])("missing capabilities are named: %j", (status, missing) => {
  const error = failure(() => checkCapabilities(`Name:\tnode\n${status}\nCapBnd:\t000001ffffffffff\n`));
  expect(error).toBeInstanceOf(TestkitError);
  expect(error).toMatchObject({ code: "not-permitted", details: { missing } });
  for (const name of missing) expect(String(error)).toContain(name);
});

test("the two capabilities are enough", () => {
  expect(() => checkCapabilities("CapEff:\t0000000000201000\n")).not.toThrow();
});

test("missing programs are named with the packages that have them", () => {
  const error = failure(() => checkTools("/nonexistent"));
  expect(error).toMatchObject({
    code: "tool-missing",
    details: { packages: ["iproute2", "iptables", "util-linux"] },
  });
  expect(String(error)).toMatch(
    /needs ip, iptables-restore, .*nsenter, not found in \/nonexistent: apt-get install iproute2 iptables util-linux$/,
  );
});

test("programs for the administrator are looked for, whatever the PATH", () => {
  expect(toolEnvironment({ PATH: "/a", X: "1" })).toEqual({ PATH: "/a:/usr/sbin:/sbin", X: "1" });
  expect(toolEnvironment({})).toEqual({ PATH: "/usr/sbin:/sbin" });
});

test("control groups must be mounted, for writing, and the error tells how", () => {
  const mount = (type: string, path: string, writable: boolean) => ({ type, path, writable });
  const old = mount("cgroup", "/sys/fs/cgroup/cpu", true);
  const nowhere = failure(() => checkCgroups([old]));
  expect(nowhere).toMatchObject({ code: "cgroup-missing" });
  expect(String(nowhere)).toMatch(/mounted nowhere: mkdir -p .* && mount -t cgroup2 none /);
  const readOnly = failure(() => checkCgroups([mount("cgroup2", "/sys/fs/cgroup", false)]));
  expect(readOnly).toMatchObject({ code: "cgroup-missing", details: { path: "/sys/fs/cgroup" } });
  expect(String(readOnly)).toContain("at /sys/fs/cgroup for reading only: mount -o remount,rw /sys/fs/cgroup");
  expect(failure(() => checkCgroups([mount("cgroup2", "/nonexistent", true)]))).toMatchObject({
    code: "not-permitted",
    details: { path: "/nonexistent" },
  });
  expect(() => checkCgroups([old, mount("cgroup2", "/sys", false), mount("cgroup2", tmpdir(), true)])).not.toThrow();
});

test("the kernel must have a BPF file system", () => {
  expect(failure(() => checkBpffs("nodev\tbpffoo\n\text4\n"))).toMatchObject({ code: "bpffs-missing" });
  expect(() => checkBpffs("nodev\tsysfs\nnodev\tbpf\n\text4\n")).not.toThrow();
});
