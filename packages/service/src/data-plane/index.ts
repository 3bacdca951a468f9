export type { ByteStream, StreamListener } from "./byte-stream.ts";
export { messageStream } from "./message-stream.ts";
export { parseMessage } from "./messages.ts";
export type { DataMethod, StreamMethod, UnaryMethod } from "./methods.ts";
export { type DataPlaneOptions, startDataPlane } from "./start-data-plane.ts";
export type { UnaryCall } from "./unary-call.ts";
