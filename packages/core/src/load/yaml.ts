export { LoadError, type LoadProblem, type LoadProblemCode } from "./load-error.js";
export type { ReadYamlOptions, TextPosition, YamlDocument, YamlValue } from "./read-yaml.js";
export { describeSteps, readYaml } from "./read-yaml.js";
export { suggest } from "./suggest.js";
