export { describeLoadProblem, LoadError, type LoadProblem, type LoadProblemCode } from "./load-error.js";
export { type LoadOptions, load } from "./load-resources.js";
