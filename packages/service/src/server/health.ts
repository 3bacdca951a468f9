import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";

/** grpc.health.v1, and the one thing that changes its answer. */
export interface HealthReporter {
  readonly service: typeof Health;
  readonly implementation: ServiceImpl<typeof Health>;
  /** From here on the answer is NOT_SERVING, and watchers are told. */
  stopServing(): void;
}

/**
 * Answers for the whole server (the empty name) and for each of its services. SERVING means that the server
 * takes calls and that `probe` finds what it needs, e.g. its database.
 */
export function createHealthReporter(
  serviceNames: readonly string[],
  probe: (signal: AbortSignal) => Promise<void>,
): HealthReporter {
  const known = new Set(["", ...serviceNames]);
  const stopping = new AbortController();
  const status = async (signal: AbortSignal): Promise<Status> => {
    if (stopping.signal.aborted) return Status.NOT_SERVING;
    try {
      await probe(AbortSignal.any([signal, AbortSignal.timeout(2000)]));
      return Status.SERVING;
    } catch {
      return Status.NOT_SERVING;
    }
  };
  return {
    service: Health,
    implementation: {
      async check({ service }, context) {
        if (!known.has(service)) throw new ConnectError("unknown service", Code.NotFound);
        return { status: await status(context.signal) };
      },
      async list(_request, context) {
        const now = await status(context.signal);
        return { statuses: Object.fromEntries([...known].map((name) => [name, { status: now }])) };
      },
      async *watch({ service }, context) {
        let last: Status | undefined;
        while (!context.signal.aborted) {
          const now = known.has(service) ? await status(context.signal) : Status.SERVICE_UNKNOWN;
          if (now !== last) yield { status: now };
          last = now;
          if (stopping.signal.aborted) return;
          await pause(1000, AbortSignal.any([context.signal, stopping.signal]));
        }
      },
    },
    stopServing: () => stopping.abort(),
  };
}

/** Resolves after `ms`, or at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
