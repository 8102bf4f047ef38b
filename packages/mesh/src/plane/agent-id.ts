/** What the agent of a node calls itself (`node.id`): `"agent~NODE"`. */
export function agentId(node: string): string {
  return `agent~${node}`;
}

/** The node of an agent's `node.id`; undefined: it is no agent's. */
export function parseAgentId(id: string): string | undefined {
  return /^agent~(.+)$/.exec(id)?.[1];
}
