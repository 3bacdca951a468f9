import type { HttpResponse } from "@portcullis/service";

/** Answers with JSON, for what is answered outside of an application. */
export function sendJson(response: HttpResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(text)),
  });
  response.end(text);
}
