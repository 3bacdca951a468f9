export type { ByteStream, StreamListener } from "./byte-stream.ts";
export {
  type Bytes,
  bytesOf,
  delimited,
  isAscii,
  readLength,
  readText,
  toBuffer,
  varint,
} from "./bytes.ts";
export type { DataCall } from "./data-call.ts";
export { messageStream } from "./message-stream.ts";
export { parseMessage, readMessage } from "./messages.ts";
export type { DataMethod, StreamMethod, UnaryMethod } from "./methods.ts";
export { type DataPlaneOptions, startDataPlane } from "./start-data-plane.ts";
