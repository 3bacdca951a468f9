import type { Checker, Verifier } from "@portcullis/sdk";
import { Counter, Gauge } from "prom-client";
import type { RpcMetrics } from "../metrics.ts";

/** Memories by the name of the service whose answers they are. */
type PeerMemories = Readonly<Record<string, Pick<Checker | Verifier, "stats">>>;

const labelNames = ["peer"] as const;

/** Shows how much is remembered of peers' answers, and what it is good for. */
export function observePeerMemories(
  { registry }: Pick<RpcMetrics, "registry">,
  memories: PeerMemories,
): void {
  const all = Object.entries(memories);
  const gauge = (name: string, help: string, valueOf: (memory: PeerMemories[string]) => number) => {
    const metric = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        for (const [peer, memory] of all) metric.set({ peer }, valueOf(memory));
      },
    });
  };
  gauge(
    "portcullis_caller_memory_entries",
    "What is remembered of a peer's answers about callers.",
    (memory) => memory.stats().entries,
  );
  gauge(
    "portcullis_caller_memory_lease_seconds",
    "How long that may be used if nothing is heard of the peer; 0: each call asks it.",
    (memory) => memory.stats().leaseRemainingMs / 1_000,
  );
  const questions = new Counter({
    name: "portcullis_caller_memory_questions_total",
    help: "Questions about callers, by who answered: memory, or the peer.",
    labelNames: [...labelNames, "answered_by"],
    registers: [registry],
    collect() {
      questions.reset();
      for (const [peer, memory] of all) {
        const { hits, misses } = memory.stats();
        questions.inc({ peer, answered_by: "memory" }, hits);
        questions.inc({ peer, answered_by: "peer" }, misses);
      }
    },
  });
}
