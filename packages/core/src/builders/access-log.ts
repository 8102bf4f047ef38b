import { create, isMessage, type JsonObject } from "@bufbuild/protobuf";
import { type AccessLog, AccessLogSchema } from "@rxds/envoy-api/envoy/config/accesslog/v3/accesslog";
import { FileAccessLogSchema } from "@rxds/envoy-api/envoy/extensions/access_loggers/file/v3/file";
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from "@rxds/envoy-api/envoy/extensions/access_loggers/stream/v3/stream";
import { typedConfig } from "../encode/index.js";

/** Where access logs go: a standard stream in the default format, a file, or any logger as a message. */
export type AccessLogSpec = "stdout" | "stderr" | FileAccessLogSpec | AccessLog;

/** An access log written to a file. */
export interface FileAccessLogSpec {
  /** The file, on the client's machine; `"/dev/stdout"` too. */
  readonly path: string;
  /**
   * The line, with Envoy's `%…%` operators: text (a line end is added when it has none) or a JSON object of texts.
   * Default: Envoy's format.
   */
  readonly format?: string | JsonObject;
}

/** Access loggers from their short forms. */
export function accessLogs(specs: AccessLogSpec | readonly AccessLogSpec[] | undefined): AccessLog[] {
  return (specs === undefined ? [] : [specs].flat()).map(accessLog);
}

function accessLog(spec: AccessLogSpec): AccessLog {
  if (spec === "stdout") return logger("envoy.access_loggers.stdout", typedConfig(StdoutAccessLogSchema, {}));
  if (spec === "stderr") return logger("envoy.access_loggers.stderr", typedConfig(StderrAccessLogSchema, {}));
  if (isMessage(spec, AccessLogSchema)) return spec;
  const { path, format } = spec;
  if (format === undefined) return logger("envoy.access_loggers.file", typedConfig(FileAccessLogSchema, { path }));
  return logger(
    "envoy.access_loggers.file",
    typedConfig(FileAccessLogSchema, {
      path,
      accessLogFormat: {
        case: "logFormat",
        value: {
          format:
            typeof format === "string"
              ? {
                  case: "textFormatSource",
                  value: { specifier: { case: "inlineString", value: `${format.trimEnd()}\n` } },
                }
              : { case: "jsonFormat", value: format },
        },
      },
    }),
  );
}

function logger(name: string, value: ReturnType<typeof typedConfig>): AccessLog {
  return create(AccessLogSchema, { name, configType: { case: "typedConfig", value } });
}
