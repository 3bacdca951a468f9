import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Logger } from "pino";
import type { Admitted } from "../admit.ts";
import type { RpcMetrics } from "../metrics.ts";
import { callerName } from "../security.ts";
import { reasonOf } from "../wire-error.ts";

export interface ObservedCall {
  /** `portcullis.identity.v1.ServiceUserService/GetServiceUser`. */
  readonly method: string;
  /** By performance.now(). */
  readonly startedAt: number;
  readonly requestId: string;
}

/** Who called, as far as that was found out; read only where it is logged. */
export interface ObservedCaller {
  readonly peerAddress: string | undefined;
  readonly admitted: Pick<Admitted, "caller" | "accountId"> | undefined;
}

export type ObserveCall = (call: ObservedCall, caller: ObservedCaller, error?: unknown) => void;

/** One log line and one measurement for each call that has ended; with an error, or well. */
export function callObserver(log: Logger, metrics: RpcMetrics): ObserveCall {
  return ({ method, startedAt, requestId }, caller, error) => {
    const seconds = (performance.now() - startedAt) / 1000;
    const code = error === undefined ? "ok" : Code[ConnectError.from(error).code];
    metrics.observe(method, code, seconds);
    if (!log.isLevelEnabled("info")) return;
    const { admitted, peerAddress } = caller;
    log.info(
      {
        method,
        code,
        ...(error === undefined ? {} : { reason: reasonOf(error) }),
        ms: Math.round(seconds * 100_000) / 100,
        ...(admitted === undefined
          ? {}
          : { caller: callerName(admitted.caller), account: admitted.accountId }),
        peer: peerAddress,
        requestId,
      },
      "call",
    );
  };
}

const requestIdPattern = /^[\w.-]{1,64}$/;

/** The caller's own id for the call, if it is harmless to log; else a new one. */
export function requestIdOf(given: string): string {
  return requestIdPattern.test(given) ? given : randomUUID();
}
