export * from "./builders/index.js";
export * from "./encode/index.js";
