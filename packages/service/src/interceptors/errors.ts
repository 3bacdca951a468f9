import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { DomainError } from "@portcullis/errors";
import type { Logger } from "pino";
import { toWireError } from "../wire-error.ts";
import { requestIdKey } from "./observe.ts";

/**
 * The one place where errors become answers. A DomainError is sent with its reason; whatever else is thrown
 * is logged and sent as INTERNAL with nothing of its text.
 */
export function errorInterceptor(log: Logger): Interceptor {
  return (next) => async (request) => {
    const convert = (error: unknown) =>
      toAnswer(error, request.signal, log, request.contextValues.get(requestIdKey));
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: convertingErrors(response.message, convert) };
    } catch (error) {
      throw convert(error);
    }
  };
}

/** An error thrown in the middle of a stream is not seen by the try above. */
async function* convertingErrors<T>(
  messages: AsyncIterable<T>,
  convert: (error: unknown) => unknown,
): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw convert(error);
  }
}

/** What the caller gets to see of an error; the rest is logged. `signal` is the call's, if it has one. */
export function toAnswer(
  error: unknown,
  signal: AbortSignal | undefined,
  log: Logger,
  requestId: string | undefined,
): ConnectError {
  const domainError = asDomainError(error, signal);
  if (domainError === undefined) return error as ConnectError; // asDomainError leaves only the framework's own
  if (domainError.kind === "internal") {
    log.error({ err: domainError.cause ?? domainError, requestId }, "internal error");
  } else if (domainError.kind === "unavailable") {
    log.warn({ err: domainError.cause, reason: domainError.reason }, "unavailable");
  }
  return toWireError(domainError);
}

/** Undefined for an error that the framework made itself, e.g. for a message that can't be decoded. */
function asDomainError(error: unknown, signal: AbortSignal | undefined): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (signal?.aborted === true) return abortError(signal);
  if (isTimeout(error)) return deadlineExceeded();
  if (error instanceof ConnectError && error.code !== Code.Unknown && error.code !== Code.Internal)
    return undefined;
  return new DomainError("INTERNAL", "Something went wrong on our side.", { cause: error });
}

function abortError(signal: AbortSignal): DomainError {
  const { reason } = signal;
  if (isTimeout(reason) || (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded)) {
    return deadlineExceeded();
  }
  return new DomainError("CANCELLED", "The call was cancelled.", { cause: reason });
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

function deadlineExceeded(): DomainError {
  return new DomainError(
    "DEADLINE_EXCEEDED",
    "The call took longer than its deadline. The outcome of a change is unknown; repeat it with the same request_id.",
  );
}
