import {
  type Checker,
  type CheckerOptions,
  createChecker,
  createVerifier,
  PortcullisError,
  type Verifier,
} from "@portcullis/sdk";
import { createWorkloadTokenSource } from "../workload-token.ts";
import { type PeerOptions, unavailablePeer } from "./peer-client.ts";

/** What is remembered of one peer's answers takes no more than this, in bytes. */
const bytesMax = 32 * 2 ** 20;

/**
 * Verifications by the credential service, from this process's memory where that is as good as asking. `entriesMax`
 * of them are remembered at most; 0: none. To be closed once nothing is answered any more.
 */
export function openPeerVerifier(options: PeerOptions, entriesMax: number): Verifier {
  return createVerifier(connectionOf(options, entriesMax));
}

/** Checks by the authorization service, likewise. */
export function openPeerChecker(options: PeerOptions, entriesMax: number): Checker {
  return createChecker(connectionOf(options, entriesMax));
}

function connectionOf(
  { baseUrl, peerName, ownName, workloadKey, timeoutMs, tls }: PeerOptions,
  entriesMax: number,
): CheckerOptions {
  return {
    addresses: addressOf(baseUrl),
    token: createWorkloadTokenSource(workloadKey, ownName, peerName),
    timeoutMs,
    memory: { entriesMax, bytesMax },
    ...(tls === undefined ? {} : { tls: { certificate: String(tls.cert), key: String(tls.key) } }),
  };
}

/** With the port, which a URL may leave to its scheme. */
function addressOf(baseUrl: string): string {
  const { protocol, hostname, port } = new URL(baseUrl);
  return `${protocol}//${hostname}:${port === "" ? defaultPorts[protocol] : port}`;
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/**
 * What memory answers, or is told by the peer, no longer than the call lasts. `askAnew` where that fails: after a break
 * the memory's connection waits before it is opened again, and the peer may be back; or what stands between may
 * understand less of it. DEPENDENCY_UNAVAILABLE if that fails too.
 */
export async function answerOf<T>(
  peerName: string,
  answer: T | Promise<T>,
  askAnew: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  try {
    return await during(signal, answer);
  } catch (error) {
    if (!(error instanceof PortcullisError)) throw error;
    if (isNotToBeRepeated(error)) throw unavailablePeer(peerName, error);
    return await askAnew().catch((cause: unknown) => {
      throw unavailablePeer(peerName, cause);
    });
  }
}

/** Who has waited in vain has waited long enough, and a crowd is not to be let past. */
function isNotToBeRepeated({ code }: PortcullisError): boolean {
  return code === "DEADLINE_EXCEEDED" || code === "RESOURCE_EXHAUSTED";
}

/** The answer, or the signal's reason if that is first. */
async function during<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const onAbort = () => ended.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([answer, ended.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
