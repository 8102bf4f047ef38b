// Tests that make network namespaces, cgroups or mounts, or load eBPF programs. Who is not root runs all others.

/** Their files, as patterns below the repository's root. */
export const NEEDS_ROOT = [
  "tests/ebpf/**/*.spec.ts",
  "tests/mesh/live.spec.ts",
  "tests/mesh/memory-report.spec.ts",
  "tests/mesh/table.spec.ts",
  "tests/examples/agent-tls.spec.ts",
  "tests/examples/mesh-tour.spec.ts",
  "tests/examples/node-mesh*.spec.ts",
  "tests/examples/sidecar-mesh.spec.ts",
  "tests/testkit/lab*.spec.ts",
];

/** Whether this process may do all that; a user without privileges may not. */
export const IS_ROOT = process.getuid?.() === 0;
