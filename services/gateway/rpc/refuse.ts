import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import {
  codeToHttpStatus,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { ErrorInfoSchema } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { DomainError } from "@portcullis/errors";
import { type HttpRequest, type HttpResponse, toWireError } from "@portcullis/service";
import { RequestFault } from "../rest/common/fault.ts";

/** Answers a call with an error, in the protocol that the call has, as the service would. */
export function refuse(request: HttpRequest, response: HttpResponse, error: ConnectError): void {
  if (response.headersSent) return;
  const type = request.headers["content-type"] ?? "";
  // What is left of the request is not read.
  if (request.httpVersionMajor === 1 && !request.complete) response.setHeader("connection", "close");
  const retryAfterMs = retryAfterOf(error);
  if (retryAfterMs !== undefined) response.setHeader("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
  if (type.startsWith("application/grpc")) {
    const trailer = new Headers();
    setTrailerStatus(trailer, error);
    // A gRPC answer may be nothing but its trailer, which then is the header.
    response.writeHead(200, { "content-type": type, ...Object.fromEntries(trailer) });
    response.end();
    return;
  }
  if (type.startsWith("application/connect+")) {
    const json = JSON.stringify(endStreamToJson(new Headers(), error, undefined));
    response.writeHead(200, { "content-type": type });
    response.end(encodeEnvelope(endStreamFlag, new TextEncoder().encode(json)));
    return;
  }
  response.writeHead(codeToHttpStatus(error.code), { "content-type": "application/json" });
  response.end(errorToJsonBytes(error, undefined));
}

function retryAfterOf(error: ConnectError): number | undefined {
  const text = error.findDetails(ErrorInfoSchema)[0]?.metadata.retry_after_ms;
  return text === undefined ? undefined : Number(text);
}

/** What a caller learns when the service can't be asked. */
export function unavailable(cause: unknown): ConnectError {
  const message = "The service can't be reached right now. Try again in a moment.";
  return new ConnectError(message, Code.Unavailable, undefined, undefined, cause);
}

/** What a caller learns of what was thrown on the way. */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof DomainError) return toWireError(error);
  if (error instanceof RequestFault) {
    return toWireError(new DomainError("CREDENTIALS_MISSING", error.message));
  }
  return ConnectError.from(error, Code.Internal);
}
