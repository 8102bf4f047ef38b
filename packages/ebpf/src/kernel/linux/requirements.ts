import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import { RedirectError } from "../../errors.js";
import { libbpf } from "./libbpf.js";
import { native } from "./syscall.js";

/** Capabilities that are needed, by their number (capabilities(7)), and what for. */
const NEEDED = [
  ["CAP_NET_ADMIN", 12, "attaching programs to cgroups"],
  ["CAP_SYS_ADMIN", 21, "entering network namespaces, pinning"],
  ["CAP_BPF", 39, "programs and maps"],
] as const;

/** The capabilities that a process lacks, with what each is for. */
export function lacking(status: string): { readonly capability: string; readonly purpose: string }[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  return NEEDED.filter(([, bit]) => !((effective >> BigInt(bit)) & 1n)).map(([capability, , purpose]) => ({
    capability,
    purpose,
  }));
}

/** @throws RedirectError `unsupported`, `missing` or `no-privilege` */
export function checkRequirements(): void {
  if (endianness() !== "LE") throw new RedirectError("unsupported", "expected a little-endian machine");
  native();
  libbpf();
  const missing = lacking(readFileSync("/proc/self/status", "utf8"));
  if (missing.length > 0) {
    const list = missing.map(({ capability, purpose }) => `${capability} (${purpose})`).join(", ");
    throw new RedirectError(
      "no-privilege",
      `expected the capabilities that a redirect needs; this process lacks ${list}`,
      {
        capabilities: missing.map(({ capability }) => capability),
      },
    );
  }
}
