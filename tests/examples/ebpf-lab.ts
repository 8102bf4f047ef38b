import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson } from "@bufbuild/protobuf";
import { BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { type Envoy, type LabNode, type NetLab, netLab, startEnvoy } from "@rxds/testkit";
import { parse } from "yaml";
import type { AgentPlace } from "./agent-program.js";
import { root } from "./program.js";

/** A lab for what redirects in the kernel, and a folder. */
export interface EbpfLab extends AsyncDisposable {
  readonly lab: NetLab;
  /** For files of the test. */
  readonly folder: string;
  /** Where the control plane serves. */
  readonly ads: string;
  /** How the agent of a node is started. */
  agentPlace(node: LabNode): AgentPlace;
  /** Starts the Envoy of a node, as the example does it. */
  startEnvoy(node: LabNode): Promise<Envoy>;
}

/** Makes a lab with control groups and a BPF file system. */
export async function ebpfLab(): Promise<EbpfLab> {
  const folder = await mkdtemp(join(tmpdir(), "rxds-ebpf-example-"));
  const lab = await netLab({ virtualRanges: ["10.96.0.0/16"], cgroups: true, bpffs: true });
  const socket = join(folder, "xds.sock");
  const ads = `unix:${socket}`;
  return {
    lab,
    folder,
    ads,
    agentPlace: (node) => ({ node, proxyCgroups: [node.envoyCgroup], pins: `${lab.bpffs}/${node.name}`, ads }),
    async startEnvoy(node) {
      const text = await readFile(join(root, "examples/node-mesh-ebpf/envoy.yaml"), "utf8");
      // Tests restart control planes all the time, and wait for it.
      const yaml = parse(text.replace("/run/mesh/xds.sock", socket).replace("max_interval: 1s", "max_interval: 0.2s"));
      const own = fromJson(BootstrapSchema, yaml, { registry: envoyRegistry() });
      own.node!.id = `node~${node.name}`;
      return startEnvoy({
        netns: node.netns,
        cgroup: node.envoyCgroup,
        drainTimeSeconds: 2,
        // The testkit's own is replaced, but for where the admin interface is.
        bootstrap: (bootstrap) => void Object.assign(bootstrap, own, { admin: bootstrap.admin }),
      });
    },
    async [Symbol.asyncDispose]() {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
