export { describeLoadProblem, LoadError, type LoadProblem, type LoadProblemCode } from "./load-error.js";
export { type LoadOptions, loadResources } from "./load-resources.js";
