import type { DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { DomainError } from "@portcullis/errors";
import { forwardRequestId } from "../request-id.ts";
import type { Tls } from "../tls.ts";
import { reasonOf } from "../wire-error.ts";
import { createWorkloadTokenSource, type WorkloadKey } from "../workload-token.ts";

export interface PeerOptions {
  /** Where the peer listens, e.g. `http://127.0.0.1:7403`. */
  readonly baseUrl: string;
  /** The peer's name, which the token is made out to. */
  readonly peerName: string;
  /** This service's own name. */
  readonly ownName: string;
  readonly workloadKey: WorkloadKey;
  /** A call is given up after this long, in milliseconds. */
  readonly timeoutMs: number;
  /** This service's certificate, for peers that ask for one. */
  readonly tls?: Pick<Tls, "cert" | "key"> | undefined;
}

const retryPauseMs = 50;

/**
 * A client of another service of the installation. It proves itself with a workload token, passes on the id of the
 * call that it is used for, gives up in time, and repeats a call that may be repeated once if the connection failed. Throws ConnectError as the peer sent
 * it; see `unavailablePeer`.
 */
export function createPeerClient<Service extends DescService>(
  service: Service,
  options: PeerOptions,
): Client<Service> {
  const token = createWorkloadTokenSource(options.workloadKey, options.ownName, options.peerName);
  const authenticate: Interceptor = (next) => async (request) => {
    request.header.set("authorization", `Bearer ${await token()}`);
    return next(request);
  };
  const transport = createConnectTransport({
    baseUrl: options.baseUrl,
    httpVersion: "2",
    ...(options.tls === undefined ? {} : { nodeOptions: { cert: options.tls.cert, key: options.tls.key } }),
    useBinaryFormat: true,
    defaultTimeoutMs: options.timeoutMs,
    pingIntervalMs: 10_000,
    pingTimeoutMs: 2_000,
    interceptors: [retryOnce, forwardRequestId, authenticate],
  });
  return createClient(service, transport);
}

/**
 * A connection can end under a call, when the peer restarts. What the peer refused without processing it may
 * always be sent again; what failed otherwise, only where a repeat changes nothing.
 */
export const retryOnce: Interceptor = (next) => async (request) => {
  const level = request.method.proto.options?.idempotencyLevel;
  const isRepeatable = level === Level.NO_SIDE_EFFECTS || level === Level.IDEMPOTENT;
  try {
    return await next(request);
  } catch (error) {
    const isWorthIt = wasNotProcessed(error) || (isRepeatable && isConnectionError(error));
    if (request.stream || !isWorthIt || request.signal.aborted) throw error;
    await new Promise((resolve) => setTimeout(resolve, retryPauseMs));
    return next(request);
  }
};

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  // Aborted without a reason of ours is how connect-node tells that the connection was reset.
  return error.code === Code.Unavailable || (error.code === Code.Aborted && reasonOf(error) === undefined);
}

/** HTTP/2's REFUSED_STREAM, which Node tells in the text of its error only. */
function wasNotProcessed(error: unknown): boolean {
  return error instanceof ConnectError && error.rawMessage.includes("NGHTTP2_REFUSED_STREAM");
}

/** What callers learn when a peer that is needed to answer them can't be asked. */
export function unavailablePeer(peerName: string, cause: unknown): DomainError {
  return new DomainError(
    "DEPENDENCY_UNAVAILABLE",
    `The ${peerName} service can't be reached right now. Try again in a moment.`,
    { cause },
  );
}
