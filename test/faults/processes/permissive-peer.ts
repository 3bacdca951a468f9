import { once } from "node:events";
import { createServer, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { CheckReason, CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";

export interface PermissivePeer {
  readonly url: string;
  close(): Promise<void>;
}

/** Stands in for authorization, where only credential is looked at: everybody may do everything. */
export async function startPermissivePeer(): Promise<PermissivePeer> {
  const sessions = new Set<Http2Session>();
  const server = createServer(
    connectNodeAdapter({
      routes: (router) => {
        router.service(CheckService, { check: () => ({ allowed: true, reason: CheckReason.SUPER_ADMIN }) });
      },
    }),
  );
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.once("close", () => sessions.delete(session));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    // `address` is a string for pipes only.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
