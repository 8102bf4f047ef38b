import { RedirectError } from "../../errors.js";
import { type NativeFunction, native } from "./syscall.js";

/** Of libbpf 1.0 or newer: what loads an object, and reads its BTF. */
export interface Libbpf {
  readonly openFile: NativeFunction;
  readonly load: NativeFunction;
  readonly close: NativeFunction;
  readonly findMap: NativeFunction;
  readonly findProgram: NativeFunction;
  readonly mapFd: NativeFunction;
  readonly reuseFd: NativeFunction;
  readonly setMaxEntries: NativeFunction;
  readonly programFd: NativeFunction;
  readonly nextProgram: NativeFunction;
  readonly setLogBuffer: NativeFunction;
  readonly setLogLevel: NativeFunction;
  readonly parseBtf: NativeFunction;
  readonly freeBtf: NativeFunction;
  readonly findType: NativeFunction;
  readonly typeById: NativeFunction;
  readonly nameByOffset: NativeFunction;
  readonly resolveSize: NativeFunction;
}

let loaded: Libbpf | undefined;

/** The system's libbpf. @throws RedirectError `missing` without it */
export function libbpf(): Libbpf {
  if (loaded !== undefined) return loaded;
  const { koffi } = native();
  let lib: import("koffi").LibraryHandle;
  try {
    lib = koffi.load("libbpf.so.1");
  } catch (cause) {
    throw new RedirectError(
      "missing",
      "libbpf.so.1 was not found: install libbpf 1.0 or newer (Debian, Ubuntu: libbpf1; Fedora: libbpf)",
      { path: "libbpf.so.1" },
      { cause },
    );
  }
  // Its own output is switched off: what fails is told by errors.
  lib.func("void *libbpf_set_print(void *print)")(null);
  loaded = {
    openFile: lib.func("void *bpf_object__open_file(const char *path, const void *options)"),
    load: lib.func("int bpf_object__load(void *object)"),
    close: lib.func("void bpf_object__close(void *object)"),
    findMap: lib.func("void *bpf_object__find_map_by_name(void *object, const char *name)"),
    findProgram: lib.func("void *bpf_object__find_program_by_name(void *object, const char *name)"),
    mapFd: lib.func("int bpf_map__fd(void *map)"),
    reuseFd: lib.func("int bpf_map__reuse_fd(void *map, int fd)"),
    setMaxEntries: lib.func("int bpf_map__set_max_entries(void *map, uint32_t entries)"),
    programFd: lib.func("int bpf_program__fd(void *program)"),
    nextProgram: lib.func("void *bpf_object__next_program(void *object, void *program)"),
    setLogBuffer: lib.func("int bpf_program__set_log_buf(void *program, void *buffer, size_t size)"),
    setLogLevel: lib.func("int bpf_program__set_log_level(void *program, uint32_t level)"),
    parseBtf: lib.func("void *btf__parse(const char *path, void *extension)"),
    freeBtf: lib.func("void btf__free(void *btf)"),
    findType: lib.func("int32_t btf__find_by_name_kind(void *btf, const char *name, uint32_t kind)"),
    typeById: lib.func("void *btf__type_by_id(void *btf, uint32_t id)"),
    nameByOffset: lib.func("const char *btf__name_by_offset(void *btf, uint32_t offset)"),
    resolveSize: lib.func("int64_t btf__resolve_size(void *btf, uint32_t id)"),
  };
  return loaded;
}
