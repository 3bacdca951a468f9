import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { clone, create, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ErrorInfoSchema, ErrorReason } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { serveAuthorization } from "./fake-authorization.ts";
import { serveCredential } from "./fake-credential.ts";
import { serveIdentity } from "./fake-identity.ts";
import { serveReceipts } from "./fake-receipts.ts";

/** How a call fails: with an error, a broken connection, no answer, or an answer without its secret. */
type Failure = ConnectError | "break" | "hang" | "lose-secret";

/** A call as it arrived. */
interface SeenCall {
  readonly method: string;
  readonly headers: Headers;
  readonly message: Message & Readonly<Record<string, unknown>>;
}

/** All services of an installation, in memory and on one port. */
export interface FakeServices {
  readonly url: string;
  readonly calls: readonly SeenCall[];
  /** The calls of one method, in order. */
  callsOf(method: string): readonly SeenCall[];
  /** Lets the next calls of a method fail, each with one of the errors; then it answers again. */
  failNext(method: string, ...errors: readonly Failure[]): void;
  close(): Promise<void>;
}

/** An error as services send it. */
export function wireError(code: Code, reason: keyof typeof ErrorReason, message: string): ConnectError {
  const info = create(ErrorInfoSchema, { reason: ErrorReason[reason], domain: "portcullis" });
  return new ConnectError(message, code, undefined, [{ desc: ErrorInfoSchema, value: info }]);
}

/** Starts the services on a free port of 127.0.0.1. */
export async function startFakeServices(): Promise<FakeServices> {
  const calls: SeenCall[] = [];
  const failures = new Map<string, Failure[]>();
  const server = createServer();
  const record: Interceptor = (next) => async (request) => {
    if (request.stream) throw new ConnectError("no streams here", Code.Unimplemented);
    const method = request.method.name;
    const message: Message = clone(request.method.input, request.message);
    calls.push({ method, headers: request.header, message });
    const failure = failures.get(method)?.shift();
    if (failure === "break") server.closeAllConnections();
    // Not until its deadline: whichever side's clock was first would decide what the caller sees.
    if (failure === "hang") await new Promise<never>(() => {});
    if (failure instanceof ConnectError) throw failure;
    const response = await next(request);
    if (failure === "lose-secret" && !response.stream) Object.assign(response.message, { token: "" });
    return response;
  };
  server.on(
    "request",
    connectNodeAdapter({
      routes(router: ConnectRouter) {
        serveIdentity(router);
        serveCredential(router);
        serveAuthorization(router);
        serveReceipts(router);
      },
      interceptors: [record],
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    callsOf: (method) => calls.filter((call) => call.method === method),
    failNext(method, ...errors) {
      failures.set(method, [...(failures.get(method) ?? []), ...errors]);
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
