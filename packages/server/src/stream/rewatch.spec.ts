import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createStore, endpoints, typeUrls } from "@rxds/core";
import {
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { expect, test } from "vitest";
import { installClock } from "../../spec-support/clock.js";
import { withNonce } from "../wire/response.js";
import { createXdsCore } from "../xds-core.js";
import type { Channel } from "./channel.js";

test("a client that watches anew is answered again and again, as long as something changes in between", () => {
  using clock = installClock();
  const store = createStore();
  const core = createXdsCore({ snapshots: store });
  const received: DiscoveryResponse[] = [];
  const channel: Channel = {
    peer: { address: "memory", certificate: undefined, metadata: new Map() },
    write(body, nonce, done) {
      received.push(fromBinary(DiscoveryResponseSchema, withNonce(body, nonce)));
      done();
    },
    pause: () => {},
    resume: () => {},
    end: () => {},
  };
  const stream = core.open(channel, "sotw", undefined);
  const ask = () => {
    const { versionInfo = "", nonce: responseNonce = "" } = received.at(-1) ?? {};
    const request = {
      node: { id: "n" },
      typeUrl: typeUrls.endpoints,
      resourceNames: ["a"],
      versionInfo,
      responseNonce,
    };
    stream.message(Buffer.from(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, request))));
    clock.settle();
  };
  for (let n = 0; n < 20; n++) {
    store.update((tx) => tx.set(endpoints("a", [`127.0.0.1:${1000 + n}`])));
    clock.settle();
    if (n === 0) ask();
    ask();
    expect(received).toHaveLength(2 * n + 1);
    ask();
    expect(received).toHaveLength(2 * n + 2);
    ask();
  }
  // Nothing changes any more: it is not fed for ever.
  for (let n = 0; n < 40; n++) ask();
  expect(received.length - 40).toBeLessThanOrEqual(8);
  core.close();
});
