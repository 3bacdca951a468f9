import type http from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { newKsuid } from "./ksuid.ts";

/** Longer than the usual minute of a load balancer, which so is the one to close. */
const keepAliveTimeoutMs = 75_000;

const statusOfError: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
const statusTexts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

/** Sets the limits of HTTP/1.1, and answers what is no HTTP with JSON, too. */
export function prepareHttp1(server: http.Server, log: Logger): void {
  // Bodies have limits of their own; a stream's has none.
  server.requestTimeout = 0;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  // Not among the types: Node would answer a request without a host by itself, without a body.
  Object.assign(server, { requireHostHeader: false });
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const status = statusOfError[error.code ?? ""] ?? 400;
    const operationId = `op_${newKsuid(Date.now())}`;
    log.info({ operationId, status, code: error.code }, "malformed request");
    socket.end(answer(status, operationId), () => socket.destroy());
  });
}

function answer(status: number, operationId: string): string {
  const msg = statusTexts[status] ?? "";
  const body = JSON.stringify({ status_code: status, msg, details: { operation_id: operationId } });
  return [
    `HTTP/1.1 ${status} ${msg}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${operationId}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
