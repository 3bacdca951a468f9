import type { Compression } from "@connectrpc/connect/protocol";
import type { HttpResponse } from "../listener.ts";

/** Compresses and then sends. An answer that can't be compressed can't be sent: its call is cut off. */
export async function sendCompressed(
  compression: Compression,
  message: Uint8Array,
  response: HttpResponse,
  send: (bytes: Uint8Array) => void,
): Promise<void> {
  try {
    send(await compression.compress(message));
  } catch {
    response.destroy();
  }
}
