import { messageBytesMax } from "./server/limits.ts";

/** Before each message of gRPC: a byte of flags, and its length in four. */
export const prefixBytes = 5;
/** The largest message, with what comes before it. */
export const frameBytesMax = messageBytesMax + prefixBytes;

/** A message as gRPC sends it; `flags` say whether it is compressed. */
export function framed(message: Uint8Array, flags = 0): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = flags;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}
