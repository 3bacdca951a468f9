import type { HttpResponse } from "@portcullis/service";

/** Aborts when the client has gone before it was answered. */
export function goneSignal(response: HttpResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
