import type { BpfMap, BpfMaps } from "../kernel/bpf-maps.js";
import { serviceCounters } from "../layout/layouts.js";
import { Turns } from "./turns.js";

/** What callers of a service on this node did, since the first start; it survives restarts of the sink. */
export interface ServiceCounters {
  /** `"namespace/name"`. */
  readonly service: string;
  /** TCP connections that were established. */
  readonly connections: number;
  /** Of those, that are closed. */
  readonly closed: number;
  /** TCP connections that never were: the proxy did not answer. */
  readonly failed: number;
  /** Refused here, because the proxy was away. */
  readonly refused: number;
  /**
   * Bytes that callers sent over TCP, counted when a connection closes, SYN and FIN as one each, as TCP does; of connections that
   * are accelerated at once.
   */
  readonly sentBytes: number;
  /** Bytes that callers received over TCP; likewise. */
  readonly receivedBytes: number;
  /** UDP datagrams of sockets that are not connected, and sockets that were connected. */
  readonly datagrams: number;
}

/** Counters by the id of their service. */
export async function readCounters(maps: BpfMaps, map: BpfMap): Promise<Map<number, Omit<ServiceCounters, "service">>> {
  const found = new Map<number, Omit<ServiceCounters, "service">>();
  const { count, keys, values } = await maps.dump(map);
  const turns = new Turns();
  const each = Math.ceil(map.valueSize / 8) * 8;
  for (let i = 0; i < count; i++) {
    const sum = { connections: 0, closed: 0, failed: 0, refused: 0, sentBytes: 0, receivedBytes: 0, datagrams: 0 };
    for (let at = i * map.valueBytes; at < (i + 1) * map.valueBytes; at += each) {
      const { connections, closed, failed, refused, sent, received, datagrams } = serviceCounters.decode(values, at);
      sum.connections += Number(connections);
      sum.closed += Number(closed);
      sum.failed += Number(failed);
      sum.refused += Number(refused);
      sum.sentBytes += Number(sent);
      sum.receivedBytes += Number(received);
      sum.datagrams += Number(datagrams);
    }
    found.set(keys.readUInt32LE(4 * i), sum);
    if (turns.over) await turns.pause();
  }
  return found;
}
