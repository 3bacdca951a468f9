import type { OutgoingHttpHeaders } from "node:http";
import type { HttpResponse } from "./listener.ts";

/**
 * Re-encodes the `grpc-message` of a response the way the gRPC specification has it. Connect escapes
 * everything that encodeURIComponent does; grpc-js undoes only what decodeURI does, and would show `%3A`.
 */
export function rewriteGrpcMessage(response: HttpResponse): void {
  const addTrailers = response.addTrailers.bind(response);
  response.addTrailers = (trailers: OutgoingHttpHeaders) => {
    const message = trailers["grpc-message"];
    addTrailers(
      typeof message === "string" ? { ...trailers, "grpc-message": toSpecification(message) } : trailers,
    );
  };
}

function toSpecification(encoded: string): string {
  return decodeURIComponent(encoded).replace(/[^\x20-\x24\x26-\x7e]+/g, (text) => encodeURIComponent(text));
}
