import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

/** A service of a test's own, behind the gateway. */
export interface FakeService extends AsyncDisposable {
  readonly url: string;
  /** The headers of each call, as they have arrived. */
  readonly received: http2.IncomingHttpHeaders[];
}

export async function startFakeService(routes: (router: ConnectRouter) => void): Promise<FakeService> {
  const received: http2.IncomingHttpHeaders[] = [];
  const adapter = connectNodeAdapter({ routes });
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer((request, response) => {
    received.push(request.headers);
    adapter(request, response);
  });
  server.on("session", (session) => sessions.add(session));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
