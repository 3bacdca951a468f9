import { randomUUID } from "node:crypto";
import type { DescMessage, DescMethod, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { AddressOptions } from "../transport/address.ts";
import { backoffMs, RetryBudget } from "../transport/backoff.ts";
import { Replicas } from "../transport/replicas.ts";
import { openTransport, type ReplicaTransport, type TransportOptions } from "./replica-transport.ts";

const triesMax = 4;

/** A transport over all replicas of a service. */
export interface BalancedTransport extends Transport {
  close(): void;
}

/**
 * Asks replicas in turn. A call that may be repeated is sent again where a replica was not available: one that
 * changes nothing, one that the contract calls idempotent, and any with a `request_id`, which it is given if it has
 * none.
 */
export function balancedTransport(addresses: AddressOptions, options: TransportOptions): BalancedTransport {
  const replicas = new Replicas<ReplicaTransport>(
    addresses,
    (address) => openTransport(address, addresses.tls, options),
    (transport) => transport.close(),
  );
  const budget = new RetryBudget();
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const request = withRequestId(method, input);
      const isRepeatable = mayBeRepeated(method, request);
      const giveUpAtMs = performance.now() + (timeoutMs ?? options.timeoutMs);
      budget.called();
      for (let tries = 1; ; tries++) {
        const replica = replicas.next();
        const leftMs = Math.max(1, Math.ceil(giveUpAtMs - performance.now()));
        try {
          const answer = await replica.peer.unary(method, signal, leftMs, header, request, contextValues);
          replica.succeeded();
          return answer;
        } catch (error) {
          if (isConnectionError(error)) replica.failed();
          const pauseMs = backoffMs(tries - 1);
          const isInTime = performance.now() + pauseMs < giveUpAtMs && signal?.aborted !== true;
          const isWorthIt = wasNotProcessed(error) || (isRepeatable && isUnavailable(error));
          if (!isWorthIt || !isInTime || tries === triesMax || !budget.take()) throw error;
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      }
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const replica = replicas.next();
      try {
        const answer = await replica.peer.stream(method, signal, timeoutMs, header, input, contextValues);
        replica.succeeded();
        return answer;
      } catch (error) {
        if (isConnectionError(error)) replica.failed();
        throw error;
      }
    },
    close: () => replicas.close(),
  };
}

/** The same id with each try: the service does once what it is asked for. */
function withRequestId<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodUnary<Input, Output>,
  input: MessageInitShape<Input>,
): MessageInitShape<Input> {
  if (!hasRequestId(method) || requestIdOf(input) !== "") return input;
  return { ...input, requestId: randomUUID() };
}

function mayBeRepeated(method: DescMethod, request: object): boolean {
  const level = method.proto.options?.idempotencyLevel;
  return level === Level.NO_SIDE_EFFECTS || level === Level.IDEMPOTENT || requestIdOf(request) !== "";
}

function hasRequestId({ input }: DescMethod): boolean {
  return input.field["requestId"] !== undefined;
}

function requestIdOf(request: object): string {
  return "requestId" in request && typeof request.requestId === "string" ? request.requestId : "";
}

/** That the change is saved but not yet in force is told so too; the repeat learns when it is. */
function isUnavailable(error: unknown): boolean {
  return error instanceof ConnectError && (error.code === Code.Unavailable || isReset(error));
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  return error.code === Code.Unavailable || error.code === Code.DeadlineExceeded || isReset(error);
}

/** How connect-node tells of a connection that was reset: without details, which a service's own error has. */
function isReset(error: ConnectError): boolean {
  return error.code === Code.Aborted && error.details.length === 0;
}

/** HTTP/2's REFUSED_STREAM, which Node tells in the text of its error only. */
function wasNotProcessed(error: unknown): boolean {
  return error instanceof ConnectError && error.rawMessage.includes("NGHTTP2_REFUSED_STREAM");
}
