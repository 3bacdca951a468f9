import net from "node:net";
import tls from "node:tls";
import type { Tls } from "../tls.ts";

/** Where a server listens. */
export interface ListenOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Absent: connections are not encrypted. */
  readonly tls?: Tls | undefined;
}

/** A connection that says nothing for this long is dropped. */
export const silentConnectionMs = 10_000;

/** Connections as they come, those with TLS once they have proven what is asked of them. */
export function createSocketServer(own: Tls | undefined, take: (socket: net.Socket) => void): net.Server {
  if (own === undefined) return net.createServer(take);
  const { cert, key, clientCa } = own;
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const ALPNProtocols = ["h2", "http/1.1"];
  return tls.createServer(
    { cert, key, ALPNProtocols, handshakeTimeout: silentConnectionMs, ...clients },
    take,
  );
}

/** Resolves with the port that is listened on; rejects with the system's error, e.g. EADDRINUSE. */
export async function listenOn(server: net.Server, { host, port }: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return address.port;
}
