import type { World } from "./world.js";

/** Starts what the workloads of the folder listen for. */
export async function serveBackends({ pods, nodes }: World): Promise<void> {
  const agent = (name: string) => pods.get(name)!.agent();
  for (const name of ["back-a", "back-b"]) {
    const back = await agent(`default/${name}`);
    await back.serveHttp({ port: 9000, name });
    await back.serveHttp2({ port: 9001, name });
    await back.serveTcp({ port: 9002, name });
    await back.serveTcp({ port: 9003, name, speaksFirst: true });
    await back.serveUdp({ port: 9004, name });
    await back.serveHttp({ port: 9005, name: `${name}-8080` });
  }
  const plain = await agent("default/plain-a");
  await plain.serveHttp({ port: 9010, name: "plain-a" });
  await (await agent("guarded/vault")).serveHttp({ port: 9000, name: "vault" });
  // Packets to this address are dropped: connecting takes as long as one waits.
  await nodes.get("n3")!.run("iptables", ["-I", "FORWARD", "-d", "10.244.3.99", "-j", "DROP"]);
}
