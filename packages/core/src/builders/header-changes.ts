import { create } from "@bufbuild/protobuf";
import {
  HeaderValueOption_HeaderAppendAction as Action,
  type HeaderValueOption,
  HeaderValueOptionSchema,
} from "@rxds/envoy-api/envoy/config/core/v3/base";
import { sortedEntries } from "./sorted-entries.js";

/** Changes of headers. Values may use Envoy's `%…%` operators; a literal `%` is written `%%`. */
export interface HeaderChanges {
  /** Headers that get this value, whatever they had. */
  readonly set?: Readonly<Record<string, string>>;
  /** Values that are added to what is there. */
  readonly add?: Readonly<Record<string, string | readonly string[]>>;
  /** Headers that get this value unless they are there. */
  readonly addIfAbsent?: Readonly<Record<string, string>>;
  /** Headers that are removed. */
  readonly remove?: readonly string[];
}

/** The fields that routes, virtual hosts and route configurations have for changes of headers. */
export function headerFields(request: HeaderChanges = {}, response: HeaderChanges = {}) {
  return {
    requestHeadersToAdd: valueOptions(request),
    requestHeadersToRemove: [...(request.remove ?? [])],
    responseHeadersToAdd: valueOptions(response),
    responseHeadersToRemove: [...(response.remove ?? [])],
  };
}

function valueOptions({ set = {}, add = {}, addIfAbsent = {} }: HeaderChanges): HeaderValueOption[] {
  return [
    ...sortedEntries(set).map(([key, value]) => valueOption(key, value, Action.OVERWRITE_IF_EXISTS_OR_ADD)),
    ...sortedEntries(add).flatMap(([key, values]) =>
      [values].flat().map((value) => valueOption(key, value, Action.APPEND_IF_EXISTS_OR_ADD)),
    ),
    ...sortedEntries(addIfAbsent).map(([key, value]) => valueOption(key, value, Action.ADD_IF_ABSENT)),
  ];
}

function valueOption(key: string, value: string, appendAction: Action): HeaderValueOption {
  return create(HeaderValueOptionSchema, { header: { key, value }, appendAction });
}
