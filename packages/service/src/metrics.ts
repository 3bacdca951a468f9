import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Measurements of calls, and of whatever a service adds to the registry. */
export interface RpcMetrics {
  readonly registry: Registry;
  observe(method: string, code: string | undefined, seconds: number): void;
}

/** Metrics of one process; every series carries the service's name. */
export function createMetrics(serviceName: string): RpcMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: serviceName });
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "portcullis_rpc_duration_seconds",
    help: "How long calls took, from the first interceptor to the answer.",
    labelNames: ["method"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const calls = new Counter({
    name: "portcullis_rpc_calls_total",
    help: "Calls answered, by method and status code.",
    labelNames: ["method", "code"],
    registers: [registry],
  });
  return {
    registry,
    observe(method, code, seconds) {
      duration.observe({ method }, seconds);
      calls.inc({ method, code: code ?? "unknown" });
    },
  };
}
