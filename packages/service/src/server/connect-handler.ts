import { type ConnectNodeAdapterOptions, connectNodeAdapter } from "@connectrpc/connect-node";
import { compressedBytesMin, compressions } from "./compression.ts";
import { rewriteGrpcMessage } from "./grpc-message.ts";
import { messageBytesMax } from "./limits.ts";
import type { Handler } from "./listener.ts";

/**
 * Connect's adapter, whose errors grpc-js can read, and which answers what the adapter throws for: a request without
 * a host, or whose host is none. Thrown into the event of a request it would be the end of the process.
 */
export function connectHandler(options: ConnectNodeAdapterOptions): Handler {
  const adapter = connectNodeAdapter({
    readMaxBytes: messageBytesMax,
    acceptCompression: compressions,
    compressMinBytes: compressedBytesMin,
    ...options,
  });
  return (request, response) => {
    if (request.headers["content-type"]?.startsWith("application/grpc") === true) {
      rewriteGrpcMessage(response);
    }
    try {
      adapter(request, response);
    } catch {
      response.writeHead(400);
      response.end();
    }
  };
}
