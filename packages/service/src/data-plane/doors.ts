import { Code, type ConnectError } from "@connectrpc/connect";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { accessOf } from "../access.ts";
import type { Call } from "../call.ts";
import type { Gate } from "../gate.ts";
import { toAnswer } from "../interceptors/errors.ts";
import type { RpcMetrics } from "../metrics.ts";
import { callerName } from "../security.ts";
import { reasonOf } from "../wire-error.ts";
import { admitAndAnswer } from "./admit-and-answer.ts";
import { ByteStream } from "./byte-stream.ts";
import { metadataOf, peerAddressOf, type RawCall, type RawUnaryCall, type Respond } from "./call-facts.ts";
import { UnreadableMessage } from "./messages.ts";
import type { StreamMethod, UnaryMethod } from "./methods.ts";
import { toStatus } from "./status.ts";
import { UnaryCall } from "./unary-call.ts";

/** What all doors share. */
export interface DoorDeps {
  readonly gate: Gate;
  readonly callTimeoutMs: number;
  readonly log: Logger;
  readonly metrics: RpcMetrics;
  /** The streams that are open. */
  readonly streams: Set<ByteStream>;
}

export type UnaryDoor = (raw: RawUnaryCall, respond: Respond) => void;

/** Lets the calls of a unary method in. Nothing is awaited, and no closure made, unless something must be waited for. */
export function unaryDoor(deps: DoorDeps, unary: UnaryMethod): UnaryDoor {
  const access = accessOf(unary.method);
  const observe = observer(deps, unary);

  const refuse = (
    error: unknown,
    raw: RawUnaryCall,
    call: UnaryCall,
    respond: Respond,
    startedAt: number,
  ) => {
    const wire = toWire(deps, error, call.signalInUse, raw);
    respond(toStatus(wire));
    observe(wire, startedAt, raw, undefined);
  };

  const settle = async (
    answer: Promise<Uint8Array>,
    raw: RawUnaryCall,
    call: UnaryCall,
    respond: Respond,
    startedAt: number,
  ) => {
    try {
      respond(null, await answer);
      observe(undefined, startedAt, raw, call);
    } catch (error) {
      refuse(error, raw, call, respond, startedAt);
    } finally {
      call.finish();
    }
  };

  return (raw: RawUnaryCall, respond: Respond): void => {
    const startedAt = performance.now();
    const call = new UnaryCall(raw, deps.callTimeoutMs);
    try {
      const answer = admitAndAnswer(deps.gate, access, unary, raw.request, call);
      if (answer instanceof Promise) return void settle(answer, raw, call, respond, startedAt);
      respond(null, answer);
      observe(undefined, startedAt, raw, call);
    } catch (error) {
      refuse(error, raw, call, respond, startedAt);
    }
  };
}

/** Lets the streams of a method in. */
export function streamDoor(deps: DoorDeps, method: StreamMethod) {
  const access = accessOf(method.method);
  const observe = observer(deps, method);
  const { gate, streams, callTimeoutMs } = deps;

  return async (raw: ServerDuplexStream<Buffer, Uint8Array>): Promise<void> => {
    const startedAt = performance.now();
    let call: Call | undefined;
    const stream = new ByteStream(raw, (error) => {
      streams.delete(stream);
      const wire = error === undefined ? undefined : toWire(deps, error, stream.signal, raw);
      if (wire === undefined) raw.end();
      else raw.emit("error", toStatus(wire));
      observe(wire, startedAt, raw, call);
    });
    streams.add(stream);
    const circumstances = {
      method: nameOf(method),
      peerAddress: peerAddressOf(raw),
      userAgent: metadataOf(raw, "user-agent"),
    };
    const knock = () => {
      const signal = AbortSignal.any([stream.signal, AbortSignal.timeout(callTimeoutMs)]);
      return { ...circumstances, authorization: metadataOf(raw, "authorization"), signal };
    };
    try {
      const admitted = await gate.admit(access, knock(), "");
      const proveAgain = () => gate.admitAgain(admitted, access, knock(), "");
      call = { ...circumstances, ...admitted, signal: stream.signal, proveAgain };
      if (!stream.signal.aborted) stream.listen(method.serve(stream, call));
    } catch (error) {
      stream.end(error);
    }
  };
}

function nameOf({ method }: UnaryMethod | StreamMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

function toWire(
  { log }: DoorDeps,
  error: unknown,
  signal: AbortSignal | undefined,
  raw: RawCall,
): ConnectError {
  if (error instanceof UnreadableMessage) return error.toWire();
  const requestId = metadataOf(raw, "x-request-id");
  return toAnswer(error, signal, log, requestId === "" ? undefined : requestId);
}

/** Measures each call; the log has it at the level `debug`. */
function observer({ log, metrics }: DoorDeps, method: UnaryMethod | StreamMethod) {
  const name = nameOf(method);
  const isTold = log.isLevelEnabled("debug");
  return (
    error: ConnectError | undefined,
    startedAt: number,
    raw: RawCall,
    call: Pick<Call, "caller" | "accountId"> | undefined,
  ) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const code = error === undefined ? "ok" : Code[error.code];
    metrics.observe(name, code, seconds);
    if (!isTold) return;
    log.debug(
      {
        method: name,
        code,
        ...(error === undefined ? {} : { reason: reasonOf(error) }),
        ms: Math.round(seconds * 100_000) / 100,
        ...(call === undefined ? {} : { caller: callerName(call.caller), account: call.accountId }),
        peer: peerAddressOf(raw),
      },
      "call",
    );
  };
}
