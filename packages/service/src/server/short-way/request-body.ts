import type { HttpRequest } from "../listener.ts";

/**
 * Reads a body and tells of it once it is all there, or, with `isWhole` false, once `mayGoOn` says no of what has come.
 * Whoever goes away before is not told of.
 */
export function readBody(
  request: HttpRequest,
  mayGoOn: (first: Buffer, size: number) => boolean,
  onRead: (chunks: readonly Buffer[], isWhole: boolean) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const leave = () => {
    request.off("data", onData);
    request.off("end", onEnd);
    request.off("close", leave);
  };
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (mayGoOn(chunks[0] ?? chunk, size)) return;
    request.pause();
    leave();
    onRead(chunks, false);
  };
  const onEnd = () => {
    leave();
    // A stream that is reset ends, too, before it closes.
    if (!isReset(request)) onRead(chunks, true);
  };
  request.on("data", onData);
  request.on("end", onEnd);
  request.on("close", leave);
}

/** Gives a request its body back: whoever reads it next reads what was read already, and then the rest. */
export function putBack(request: HttpRequest, chunks: readonly Buffer[]): void {
  const rest = request[Symbol.asyncIterator].bind(request);
  request[Symbol.asyncIterator] = async function* () {
    yield* chunks;
    for await (const chunk of { [Symbol.asyncIterator]: rest }) yield chunk;
    return undefined;
  };
}

function isReset(request: HttpRequest): boolean {
  return "stream" in request && (request.stream.closed || request.stream.destroyed);
}
