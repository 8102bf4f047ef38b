import { expect, test } from "vitest";
import { countCpus } from "./cpus.js";
import { errnoName } from "./errno.js";
import { refused } from "./load-object.js";
import { lacking } from "./requirements.js";

const missing = (effective: string) => lacking(`Name:\tx\nCapEff:\t${effective}\n`).map(({ capability }) => capability);

test("capabilities that are missing are named", () => {
  expect(missing("000001ffffffffff")).toEqual([]);
  expect(missing("0000000000000000")).toEqual(["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_BPF"]);
  expect(missing((1n << 12n).toString(16))).toEqual(["CAP_SYS_ADMIN", "CAP_BPF"]);
  expect(missing(((1n << 12n) | (1n << 21n) | (1n << 39n)).toString(16))).toEqual([]);
});

test("CPUs are counted", () => {
  expect(countCpus("0\n")).toBe(1);
  expect(countCpus("0-3,8,10-11\n")).toBe(7);
});

test("errors have the kernel's names", () => {
  expect(errnoName(1)).toBe("EPERM");
  expect(errnoName(524)).toBe("ENOTSUPP");
  expect(errnoName(9999)).toBe("errno 9999");
});

test("a verifier that does not know a helper means an old kernel, and which is needed", () => {
  const log = "0: (b7) r1 = -111\n1: (85) call bpf_set_retval#187\ninvalid func unknown#187\nprocessed 2 insns";
  expect(refused("x.o", "EINVAL", [log])).toMatchObject({
    code: "old-kernel",
    message: expect.stringContaining("Linux 5.18 or newer"),
    details: { feature: "bpf_set_retval", since: "5.18" },
  });
});

test("what else the verifier says is shown, and a missing privilege is told", () => {
  expect(refused("x.o", "EACCES", ["R1 invalid mem access 'scalar'"])).toMatchObject({ code: "load" });
  expect(refused("x.o", "EACCES", ["R1 invalid mem access 'scalar'"]).message).toContain("R1 invalid mem access");
  expect(refused("x.o", "EPERM", [""])).toMatchObject({ code: "no-privilege" });
});
