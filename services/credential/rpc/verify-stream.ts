import type { HandlerContext } from "@connectrpc/connect";
import type {
  VerifyStreamRequest,
  VerifyStreamResponse,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { callOf, Outbox } from "@portcullis/service";
import type { CredentialDeps } from "./deps.ts";
import { VerificationStream, waitingMax } from "./verification-stream.ts";

/** Verifies whatever comes, and tells when a credential that is kept in use stops to be good. */
export function verifyStream(deps: CredentialDeps) {
  return async function* (
    requests: AsyncIterable<VerifyStreamRequest>,
    context: HandlerContext,
  ): AsyncGenerator<VerifyStreamResponse> {
    const outbox = new Outbox<VerifyStreamResponse>(waitingMax);
    const stream = new VerificationStream(deps, callOf(context), outbox);
    // Not waited for: it ends with the requests, and these end only after the answers have.
    void stream.read(requests);
    try {
      yield* outbox;
    } finally {
      stream.leave();
    }
  };
}
