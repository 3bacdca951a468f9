import { countRequest } from "./attempts.ts";
import { newAccount } from "./create-account.ts";
import { type AccountId, parseMemberId, parseUserId, type UserId } from "./ids.ts";
import { type Grant, type Member, principalOfMember } from "./member.ts";
import type { Mutation } from "./mutation.ts";
import { requireStrongPassword } from "./password-policy.ts";
import type { PeopleDeps } from "./people-ports.ts";
import type { Clock, NewId } from "./ports.ts";
import { emailKeyOf, type User } from "./user.ts";

export interface SignUpCommand {
  readonly mutation: Mutation;
  readonly sourceIp: string;
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly accountDisplayName: string;
}

/** What the founder of an account is given. */
export const founderGrants: readonly Grant[] = [{ kind: "role", targetId: "administrator" }];

/**
 * Creates a person and an account of which the person is administrator, and mails a link; if the address has a
 * user, only the mail differs. Who asks can't tell. Does not wait for the enforcers, which would tell:
 * verifying the address does.
 */
export async function signUp(deps: PeopleDeps, command: SignUpCommand, signal: AbortSignal): Promise<void> {
  const { email, displayName } = command;
  countRequest(deps.signInAttempts, command.sourceIp, emailKeyOf(email));
  const password = requireStrongPassword(command.password, email);
  const passwordHash = await deps.passwords.hash(password, signal);
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      const user = newUser(deps, { email, displayName, passwordHash });
      if (!(await tx.insertUser(user))) {
        await tx.queueMail("already_registered", email, "");
        return { resourceId: "", value: undefined };
      }
      const account = newAccount(deps, command.accountDisplayName);
      await tx.insertAccount(account);
      const member = newMember(deps, account.id, user.id);
      await tx.insertMember(member, founderGrants);
      await tx.requireEnforcement(principalOfMember(member, user));
      await tx.queueMail("verify_email", email, user.id);
      await tx.audit({
        accountId: account.id,
        action: "user.sign_up",
        targetId: user.id,
        detail: { email, principalId: member.id },
      });
      return { resourceId: "", value: undefined };
    },
    signal,
  );
}

/** A person as one begins: active, with an address that is not verified. */
export function newUser(
  deps: { readonly clock: Clock; readonly newId: NewId },
  parts: Pick<User, "email" | "displayName" | "passwordHash">,
): User {
  const now = deps.clock();
  return {
    ...parts,
    id: parseUserId(deps.newId("user")),
    state: "active",
    superAdmin: false,
    emailVerifiedAt: undefined,
    totp: undefined,
    secretsVersion: 1,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** A new principal of the account, for a person who was none or has left (docs/adr/0005). */
export function newMember(
  deps: { readonly clock: Clock; readonly newId: NewId },
  accountId: AccountId,
  userId: UserId,
): Member {
  const now = deps.clock();
  return {
    accountId,
    id: parseMemberId(deps.newId("user")),
    userId,
    state: "active",
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}
