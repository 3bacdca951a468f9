import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { requireAccessDeclared } from "../access.ts";
import { Gate } from "../gate.ts";
import { shuttingDown } from "../interceptors/stopping.ts";
import type { RpcMetrics } from "../metrics.ts";
import type { SecurityDeps } from "../security.ts";
import { createHealthReporter } from "../server/health.ts";
import { concurrentStreamsMax, messageBytesMax } from "../server/limits.ts";
import type { ListenOptions } from "../server/socket-server.ts";
import type { RunningServer } from "../server/start-server.ts";
import { type DoorDeps, streamDoor, type UnaryDoor, unaryDoor } from "./doors.ts";
import { addHealth } from "./health-methods.ts";
import type { DataMethod } from "./methods.ts";
import { shortWay } from "./short-way.ts";
import { Sockets } from "./sockets.ts";
import { takeStreams } from "./take-streams.ts";

export interface DataPlaneOptions extends ListenOptions {
  readonly methods: readonly DataMethod[];
  readonly security: SecurityDeps;
  readonly log: Logger;
  readonly metrics: RpcMetrics;
  /** Rejects while the server can't do its work, e.g. because its database is away. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
}

/**
 * Serves a service's hot methods over gRPC, built for speed: bytes in, bytes out, and nothing awaited where memory
 * can tell. Who may call what, and what a call is answered with, is as on the control plane; but there is one
 * measurement for each call and no line in the log, short of the level `debug`. Rejects when the port can't be had.
 */
export async function startDataPlane(options: DataPlaneOptions): Promise<RunningServer> {
  const services = new Set(options.methods.map(({ method }) => method.parent));
  requireAccessDeclared([...services]);
  const health = createHealthReporter(
    [...services].map(({ typeName }) => typeName),
    options.probe,
  );
  const server = new Server({
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.max_concurrent_streams": concurrentStreamsMax,
    // A peer that is gone without a word: found out within 40 seconds.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.enable_channelz": 0,
  });
  addHealth(server, health);
  const { security, log, metrics } = options;
  const deps: DoorDeps = {
    gate: new Gate(security),
    callTimeoutMs: security.callTimeoutMs,
    log,
    metrics,
    streams: new Set(),
  };
  const doors = new Map<string, UnaryDoor>();
  for (const method of options.methods) register(server, deps, method, doors);
  takeStreams(server, (longWay) => shortWay(doors, longWay));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const { sockets, port } = await Sockets.listen(options, (socket) => injector.injectConnection(socket));
  return {
    port,
    async close(graceMs) {
      health.stopServing();
      const closed = sockets.close(graceMs);
      // Calls that have arrived are answered; later ones are refused as not processed, for another replica.
      server.tryShutdown(() => {});
      // Streams would last: their peers are to go on with another replica.
      for (const stream of deps.streams) stream.end(shuttingDown());
      await closed;
    },
  };
}

const asIs = (bytes: Buffer) => bytes;
/** grpc-js copies from a Buffer. */
const asBuffer = (bytes: Uint8Array) =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function register(server: Server, deps: DoorDeps, method: DataMethod, doors: Map<string, UnaryDoor>): void {
  const path = `/${method.method.parent.typeName}/${method.method.name}`;
  if (method.kind === "unary") {
    const door = unaryDoor(deps, method);
    doors.set(path, door);
    server.register(path, door, asBuffer, asIs, "unary");
  } else {
    const door = streamDoor(deps, method);
    server.register(path, (raw: Parameters<typeof door>[0]) => void door(raw), asBuffer, asIs, "bidi");
  }
}
