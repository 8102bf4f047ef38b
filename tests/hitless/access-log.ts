import { readFile } from "node:fs/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AccessLogFilterSchema, ComparisonFilter_Op } from "@rxds/envoy-api/envoy/config/accesslog/v3/accesslog";
import { eventually, httpGet } from "@rxds/testkit";
import type { Lab } from "./lab.js";

/** Why Envoy itself answered: its flags, its reason, and the cluster. */
export const REASON = "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %UPSTREAM_CLUSTER%";

/** A line of the log: the id of the request, the status, and the reason. */
export const LOG_LINE = `%REQ(X-LAB-ID)% %RESPONSE_CODE% ${REASON}\n`;

/** All response flags but those of a delay or a rate that was wanted. */
const FLAGS = "LH UH UT LR UR UF UC UO NR DC URX SI IH DPE UMSDR RFCF NFCF DT UPE NC OM DF".split(" ");

const status = (op: ComparisonFilter_Op, code: number): MessageInitShape<typeof AccessLogFilterSchema> => ({
  filterSpecifier: {
    case: "statusCodeFilter",
    value: { comparison: { op, value: { defaultValue: code, runtimeKey: "hitless.lab" } } },
  },
});

/** Requests that Envoy got and did not answer well: a status of 400 or more, none at all, or a flag. */
export const FAILURES_ONLY = create(AccessLogFilterSchema, {
  filterSpecifier: {
    case: "orFilter",
    value: {
      filters: [
        status(ComparisonFilter_Op.GE, 400),
        status(ComparisonFilter_Op.EQ, 0),
        { filterSpecifier: { case: "responseFlagFilter", value: { flags: FLAGS } } },
      ],
    },
  },
});

/** The id of a request that no host takes: when its line is there, all lines before it are. */
const LAST = "last";

/** The ids of the requests that Envoy got and did not answer well. The load must be over. */
export async function loggedRequests({ around }: Pick<Lab, "around">): Promise<ReadonlySet<string>> {
  const url = `http://127.0.0.1:${around.ports.get("first")}/`;
  await httpGet(url, { headers: { host: "nobody.example", "x-lab-id": LAST } });
  return eventually(async () => {
    const lines = (await readFile(around.accessLog, "utf8")).split("\n");
    const ids = new Set(lines.map((line) => line.split(" ", 1)[0] ?? ""));
    if (!ids.has(LAST)) throw new Error(`${lines.length} lines, and not the last`);
    return ids;
  });
}
