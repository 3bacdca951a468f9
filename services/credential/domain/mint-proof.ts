import type { RandomBytes } from "./base62.ts";
import type { CreateCredentialDeps, Proven } from "./create-credential.ts";
import { tokenProof } from "./credential.ts";
import { mintToken } from "./token.ts";

export interface CreateTokenDeps extends CreateCredentialDeps {
  readonly randomBytes: RandomBytes;
}

/** A new token, and what is stored of it. */
export function mintProof(deps: CreateTokenDeps, kind: "authtoken" | "api_key"): Proven {
  const minted = mintToken(kind, deps.randomBytes);
  return { ...tokenProof(kind, minted), token: minted.text };
}
