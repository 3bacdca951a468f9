import type {
  WatchRevocationsRequestSchema,
  WatchRevocationsResponseSchema,
} from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import type { PortcullisError } from "../portcullis-error.ts";
import type { Channels, ReplicaChannel, Rpc } from "../transport/channel.ts";
import type { OpenWatch, WatchEnd } from "./log-follower.ts";

/** Streams of WatchRevocations to the replicas in turn. */
export function openWatch(
  channels: Channels,
  rpc: Rpc<typeof WatchRevocationsRequestSchema, typeof WatchRevocationsResponseSchema>,
): OpenWatch {
  let last: ReplicaChannel | undefined;
  return (listener) => {
    const replica = channels.next(last);
    last = replica;
    return replica.peer.duplex(rpc, {
      onMessage(response) {
        replica.succeeded();
        listener.onMessage(response);
      },
      onEnd(error) {
        const how = endOf(error);
        if (how === "broken") replica.failed();
        listener.onEnd(how);
      },
    });
  };
}

function endOf(error: PortcullisError | undefined): WatchEnd {
  if (error?.code === "UNIMPLEMENTED") return "unsupported";
  return error?.code === "UNAUTHENTICATED" || error?.code === "PERMISSION_DENIED" ? "refused" : "broken";
}
