// Verifies as fast as it can, or as often as it is told to, on a thread of its own: what is measured beside it must
// not wait for it. Started by revocation.ts.
import { parentPort, workerData } from "node:worker_threads";
import { createWorkloadTokenSource, parseWorkloadKey } from "@portcullis/service";
import { connectUnary, type UnaryVerify } from "./unary-verify.ts";

export interface LoadSettings {
  /** Of the replicas' data planes. */
  readonly addresses: readonly string[];
  readonly workloadKey: string;
  readonly tokens: readonly string[];
}

export interface Phase {
  readonly seconds: number;
  /** Verifications a second; undefined for as many as there can be. */
  readonly rate: number | undefined;
}

export interface PhaseResult {
  readonly perSecond: number;
  readonly msP50: number;
  readonly msP99: number;
  readonly notValid: number;
}

/** Calls under way at once at each replica, where the rate is not given. */
const concurrency = 16;
const tickMs = 5;

// Given by revocation.ts.
const { addresses, workloadKey, tokens } = workerData as LoadSettings;
const bearer = createWorkloadTokenSource(parseWorkloadKey(workloadKey), "gateway", "credential");
let next = 0;

async function verifyOnce(verifier: UnaryVerify, taken: number[]): Promise<boolean> {
  const startMs = performance.now();
  const isValid = await verifier.isValid(tokens[next++ % tokens.length] ?? "");
  taken.push(performance.now() - startMs);
  return isValid;
}

async function run({ seconds, rate }: Phase): Promise<PhaseResult> {
  const verifiers = await Promise.all(
    addresses.map(async (address) => connectUnary(address, await bearer())),
  );
  const taken: number[] = [];
  let notValid = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const once = async (verifier: UnaryVerify) => {
    if (!(await verifyOnce(verifier, taken).catch(() => false))) notValid++;
  };
  if (rate === undefined) {
    const loop = async (verifier: UnaryVerify) => {
      while (performance.now() < endMs) await once(verifier);
    };
    await Promise.all(
      verifiers.flatMap((verifier) => Array.from({ length: concurrency }, () => loop(verifier))),
    );
  } else {
    const underWay = new Set<Promise<void>>();
    for (let sent = 0; performance.now() < endMs; ) {
      const due = ((performance.now() - startMs) / 1_000) * rate;
      for (; sent < due; sent++) {
        const verifier = verifiers[sent % verifiers.length];
        if (verifier === undefined) break;
        const call = once(verifier).finally(() => underWay.delete(call));
        underWay.add(call);
      }
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    await Promise.all(underWay);
  }
  const tookSeconds = (performance.now() - startMs) / 1_000;
  for (const verifier of verifiers) verifier.close();
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { perSecond: taken.length / tookSeconds, msP50: at(0.5), msP99: at(0.99), notValid };
}

parentPort?.on("message", (phase: Phase) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Node's, not a window
  void run(phase).then((result) => parentPort?.postMessage(result));
});
