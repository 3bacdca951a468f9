import {
  type CreateCredentialCommand,
  type CreateCredentialDeps,
  createCredential,
} from "./create-credential.ts";
import { type Credential, sshProof } from "./credential.ts";
import type { SshPublicKey } from "./ssh-key.ts";

/** What the proto allows for a description. */
const descriptionBytesMax = 255;

/** Registers an SSH key, described by its comment unless otherwise said. SSH_KEY_TAKEN if any account has it. */
export async function createSshKey(
  deps: CreateCredentialDeps,
  command: CreateCredentialCommand & { readonly key: SshPublicKey },
  signal: AbortSignal,
): Promise<Credential> {
  const description = command.description === "" ? commentOf(command.key) : command.description;
  const proven = { ...sshProof(command.key), token: undefined };
  const { credential } = await createCredential(deps, { ...command, description }, () => proven, signal);
  return credential;
}

/** Shortened to whole characters: a comment is limited in characters, a description in bytes. */
function commentOf({ comment = "" }: SshPublicKey): string {
  const { read } = new TextEncoder().encodeInto(comment, new Uint8Array(descriptionBytesMax));
  return comment.slice(0, read);
}
