import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Measurements of calls, and of whatever a service adds to the registry. */
export interface RpcMetrics {
  readonly registry: Registry;
  observe(method: string, code: string | undefined, seconds: number): void;
}

const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** What was measured of a method. Counted here, and told to the registry when it is asked: it is slow to be told. */
class MethodCalls {
  readonly byCode = new Map<string, number>();
  /** One for each bucket, and one for what is above. */
  readonly #counts = Array.from({ length: buckets.length + 1 }, () => 0);
  #seconds = 0;

  observe(code: string, seconds: number): void {
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
    let bucket = 0;
    while (seconds > (buckets[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#seconds += seconds;
  }

  /** As prom-client writes them out. */
  values(name: string, method: string) {
    const sharedLabels = { method };
    let count = 0;
    const upTo = this.#counts.map((inBucket, index) => {
      count += inBucket;
      const le = buckets[index] ?? "+Inf";
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: count };
    });
    return [
      ...upTo,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: this.#seconds },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}

/** A histogram of what was counted. */
class CallDurations extends Histogram<"method" | "le"> {
  readonly #methods: ReadonlyMap<string, MethodCalls>;

  constructor(methods: ReadonlyMap<string, MethodCalls>) {
    super({
      name: durations,
      help,
      labelNames: ["method"],
      buckets,
      registers: [],
    });
    this.#methods = methods;
  }

  /** What the registry, and `get`, make their answers from. */
  getForPromString() {
    const values = [...this.#methods].flatMap(([name, calls]) => calls.values(durations, name));
    return { name: durations, help, type: "histogram", aggregator: "sum", values };
  }
}

const durations = "portcullis_rpc_duration_seconds";
const help = "How long calls took, from the first interceptor to the answer.";

/** Metrics of one process; every series carries the service's name. */
export function createMetrics(serviceName: string): RpcMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: serviceName });
  collectDefaultMetrics({ register: registry });
  const methods = new Map<string, MethodCalls>();
  registry.registerMetric(new CallDurations(methods));
  const calls = new Counter({
    name: "portcullis_rpc_calls_total",
    help: "Calls answered, by method and status code.",
    labelNames: ["method", "code"],
    registers: [],
    collect() {
      this.reset();
      for (const [method, { byCode }] of methods) {
        for (const [code, count] of byCode) this.inc({ method, code }, count);
      }
    },
  });
  registry.registerMetric(calls);
  return {
    registry,
    observe(method, code, seconds) {
      let ofMethod = methods.get(method);
      if (ofMethod === undefined) {
        ofMethod = new MethodCalls();
        methods.set(method, ofMethod);
      }
      ofMethod.observe(code ?? "unknown", seconds);
    },
  };
}
