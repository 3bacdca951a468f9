import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { revocationWatch } from "@portcullis/service";
import { messageStream, type StreamMethod } from "@portcullis/service/data-plane";
import type { CredentialDeps } from "../deps.ts";
import { isScopeVisible } from "../scope-visibility.ts";

export function watchRevocations({ coherence }: CredentialDeps): StreamMethod {
  return messageStream(
    VerificationService.method.watchRevocations,
    revocationWatch({ ...coherence, isVisible: isScopeVisible }),
  );
}
