import type { DataMethod } from "@portcullis/service/data-plane";
import type { CredentialDeps } from "../deps.ts";
import { batchVerifyTokens } from "./batch-verify-tokens.ts";
import { verifySshKey } from "./verify-ssh-key.ts";
import { verifyStream } from "./verify-stream.ts";
import { verifyToken } from "./verify-token.ts";
import { watchRevocations } from "./watch-revocations.ts";

/** What the credential service's data plane serves. */
export function dataMethods(deps: CredentialDeps): readonly DataMethod[] {
  return [
    verifyToken(deps),
    batchVerifyTokens(deps),
    verifySshKey(deps),
    verifyStream(deps),
    watchRevocations(deps),
  ];
}
