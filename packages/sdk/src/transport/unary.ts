import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { PortcullisError } from "../portcullis-error.ts";
import { backoffMs } from "./backoff.ts";
import type { Channels, ReplicaChannel, Rpc } from "./channel.ts";

const triesMax = 3;

/** Calls a method that may be repeated at will: of another replica where one can't answer. */
export async function askReplicas<Input extends DescMessage, Output extends DescMessage>(
  channels: Channels,
  rpc: Rpc<Input, Output>,
  request: MessageShape<Input>,
  timeoutMs: number,
): Promise<MessageShape<Output>> {
  const giveUpAtMs = performance.now() + timeoutMs;
  let last: ReplicaChannel | undefined;
  for (let tries = 1; ; tries++) {
    const replica = channels.next(last);
    last = replica;
    const leftMs = Math.max(1, giveUpAtMs - performance.now());
    const isLast = tries === triesMax || channels.count === 1;
    try {
      const answer = await replica.peer.unary(
        rpc,
        request,
        isLast ? leftMs : Math.min(leftMs, timeoutMs / triesMax),
      );
      replica.succeeded();
      return answer;
    } catch (error) {
      if (!(error instanceof PortcullisError) || !isOfReplica(error)) throw error;
      replica.failed();
      const pauseMs = tries === 1 && channels.count > 1 ? 0 : backoffMs(tries);
      if (tries === triesMax || performance.now() + pauseMs >= giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** Whether another replica might answer. */
export function isOfReplica({ code }: PortcullisError): boolean {
  return (
    code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED" || code === "INTERNAL" || code === "CANCELLED"
  );
}
