import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";

/** What a server says of itself, and the one thing that changes it. */
export interface HealthReporter {
  /** Of a service, or of the whole server (the empty name); undefined for one that is not known. */
  statusOf(service: string, signal: AbortSignal): Promise<Status | undefined>;
  /** Of all. */
  statuses(signal: AbortSignal): Promise<Readonly<Record<string, Status>>>;
  /** The status now, and again whenever it has changed, until the server stops or the signal ends. */
  changesOf(service: string, signal: AbortSignal): AsyncGenerator<Status>;
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
    statusOf: async (service, signal) => (known.has(service) ? status(signal) : undefined),
    async statuses(signal) {
      const now = await status(signal);
      return Object.fromEntries([...known].map((name) => [name, now]));
    },
    async *changesOf(service, signal) {
      let last: Status | undefined;
      while (!signal.aborted) {
        const now = known.has(service) ? await status(signal) : Status.SERVICE_UNKNOWN;
        if (now !== last) yield now;
        last = now;
        if (stopping.signal.aborted) return;
        await pause(1000, AbortSignal.any([signal, stopping.signal]));
      }
    },
    stopServing: () => stopping.abort(),
  };
}

/** grpc.health.v1. */
export function healthService(reporter: HealthReporter): ServiceImpl<typeof Health> {
  return {
    async check({ service }, { signal }) {
      const status = await reporter.statusOf(service, signal);
      if (status === undefined) throw unknownService();
      return { status };
    },
    async list(_request, { signal }) {
      const statuses = Object.entries(await reporter.statuses(signal));
      return { statuses: Object.fromEntries(statuses.map(([name, status]) => [name, { status }])) };
    },
    async *watch({ service }, { signal }) {
      for await (const status of reporter.changesOf(service, signal)) yield { status };
    },
  };
}

export function unknownService(): ConnectError {
  return new ConnectError("unknown service", Code.NotFound);
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
