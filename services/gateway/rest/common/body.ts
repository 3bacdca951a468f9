import type { HttpRequest } from "@portcullis/service";
import { RequestFault } from "./fault.ts";

export interface BodyLimits {
  readonly bytesMax: number;
  /** From when the header was read until the end of the body, in milliseconds. */
  readonly timeoutMs: number;
}

/** Throws `body_unexpected` if the request has a body of any length. */
export async function requireNoBody(request: HttpRequest, limits: BodyLimits): Promise<void> {
  if (!mayHaveBody(request)) return;
  const body = await readBody(request, { ...limits, bytesMax: 0 }).catch((error: unknown) => {
    throw error instanceof RequestFault && error.fault === "body_too_large" ? unexpected() : error;
  });
  if (body.length > 0) throw unexpected();
}

function unexpected(): RequestFault {
  return new RequestFault("body_unexpected", "This request takes no body, but has one.");
}

/** The JSON of the body, whatever it is. Throws RequestFault. */
export async function readJson(request: HttpRequest, limits: BodyLimits): Promise<unknown> {
  const body = mayHaveBody(request) ? await readBody(request, limits) : Buffer.of();
  requireJsonType(request, body.length > 0);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new RequestFault("body_unparsable", "The body could not be parsed as JSON.");
  }
}

/** The bytes of the body, whatever their type is. Throws RequestFault. */
export async function readAnyBody(request: HttpRequest, limits: BodyLimits): Promise<Buffer> {
  return mayHaveBody(request) ? await readBody(request, limits) : Buffer.of();
}

function requireJsonType({ headers }: HttpRequest, hasBody: boolean): void {
  const { "content-type": type, "content-encoding": encoding = "identity" } = headers;
  if (type === undefined) {
    if (!hasBody) return;
    throw new RequestFault("body_type_missing", "Say what the body is, as «Content-Type: application/json».");
  }
  const isJson = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?;?$/i.test(type.trim());
  if (isJson && encoding === "identity") return;
  throw new RequestFault(
    "body_type_unsupported",
    "The body's type is not supported. Send application/json in UTF-8, not compressed.",
  );
}

/** Whether more than a header may come. HTTP/2 need not say how long a body is. */
function mayHaveBody(request: HttpRequest): boolean {
  if ("stream" in request) return !request.stream.endAfterHeaders;
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== "0");
}

function readBody(request: HttpRequest, { bytesMax, timeoutMs }: BodyLimits): Promise<Buffer> {
  const tooLarge = new RequestFault("body_too_large", `The body is longer than ${bytesMax} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return Promise.reject(tooLarge);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (error?: Error) => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onCut).off("error", onCut);
      if (error === undefined) return resolve(Buffer.concat(chunks));
      request.pause();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > bytesMax) end(tooLarge);
      else chunks.push(chunk);
    };
    const onEnd = () => end();
    const onCut = () => end(new RequestFault("body_cut_off", "The body ended before it was complete."));
    const timer = setTimeout(
      () => end(new RequestFault("body_too_slow", `The body took longer than ${timeoutMs} ms to arrive.`)),
      timeoutMs,
    );
    request.on("data", onData).on("end", onEnd).on("close", onCut).on("error", onCut);
  });
}
