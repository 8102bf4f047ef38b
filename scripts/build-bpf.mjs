// Compiles the eBPF programs of packages/ebpf into dist/redirect.bpf.o. Without clang the rest of the repository can be built: what
// needs the programs then fails with the packages to install.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash, root, text, UserError } from "./run.mjs";
import { projectFiles } from "./workspace.mjs";

const FOLDER = "packages/ebpf/bpf";
const OBJECT = "packages/ebpf/dist/redirect.bpf.o";
const STAMP = "packages/ebpf/dist/redirect.bpf.stamp";

/** Where the machine's own headers are that clang does not look at for another target (Debian's multiarch). */
const INCLUDES = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((name) => `/usr/include/${name}`).filter(existsSync);

/** The packages that compiling needs, as Debian and Ubuntu call them. */
export const BPF_PACKAGES = ["clang", "libbpf-dev", "linux-libc-dev"];

/** Compiles the programs if their sources changed. Says so, and goes on, when there is no clang. */
export function buildBpf() {
  if (process.platform !== "linux") return;
  const stamp = hash(...projectFiles(FOLDER).map(text));
  if (existsSync(join(root, OBJECT)) && text(STAMP) === stamp) return;
  const args = [
    ...["-target", "bpfel", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"],
    ...["-fdebug-compilation-dir=.", `-fdebug-prefix-map=${root}=.`],
    ...INCLUDES.flatMap((path) => ["-idirafter", path]),
    ...["-c", `${FOLDER}/redirect.bpf.c`, "-o", OBJECT],
  ];
  mkdirSync(join(root, "packages/ebpf/dist"), { recursive: true });
  const { error, status, stderr } = spawnSync("clang", args, { cwd: root, encoding: "utf8" });
  const install = `install ${BPF_PACKAGES.join(", ")} (as Debian and Ubuntu call them)`;
  if (error?.code === "ENOENT") {
    console.log(
      `clang was not found: the eBPF programs are not compiled, and tests of the kernel will fail; ${install}`,
    );
    return;
  }
  if (/(bpf\/bpf_\w+|linux\/\w+|asm\/\w+)\.h' file not found/.test(stderr)) {
    throw new UserError(`headers are missing to compile the eBPF programs: ${install}\n${stderr}`);
  }
  if (error || status !== 0) throw new UserError(`the eBPF programs cannot be compiled\n${error ?? stderr}`);
  writeFileSync(join(root, STAMP), stamp);
}
