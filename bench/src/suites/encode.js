import { createResource } from "rxds";
import { build } from "../../peers/rxds/resources.js";
import { casesOf } from "../cases.js";
import { nextStamp } from "../data.js";

/** From nothing to a resource: the message by its builder, then its encoding, version and references. @type {import("../cases.js").Suite} */
export const encode = {
  name: "encode",
  once: true,
  cases() {
    const of = casesOf("encode", undefined);
    const kinds = /** @type {const} */ ([
      ["cluster", "cds", 0],
      ["load assignment, 10 endpoints", "eds", 10],
      ["load assignment, 100 endpoints", "eds", 100],
      ["listener", "lds", 0],
      ["route configuration, 1 route", "rds", 0],
    ]);
    return kinds.flatMap(([name, kind, endpointsPerCluster]) => {
      const load = { endpointsPerCluster, clusters: 1 };
      const message = build(load, kind, 1, 0);
      return [
        of(`${name}: build`, () => build(load, kind, 1, nextStamp())),
        of(`${name}: createResource`, () => createResource(message)),
      ];
    });
  },
};
