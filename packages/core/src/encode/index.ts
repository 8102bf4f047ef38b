export { encodeAny, packAny, typedConfig } from "./any.js";
export { encodeMessage } from "./encode-message.js";
