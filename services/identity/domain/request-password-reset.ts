import { countRequest } from "./attempts.ts";
import type { Mutation } from "./mutation.ts";
import type { PeopleDeps } from "./people-ports.ts";
import { emailKeyOf } from "./user.ts";

/** Has a mail sent to who may have that address: whether anybody has is looked up when it is sent. */
export async function requestPasswordReset(
  deps: PeopleDeps,
  command: { readonly mutation: Mutation; readonly sourceIp: string; readonly email: string },
  signal: AbortSignal,
): Promise<void> {
  countRequest(deps.signInAttempts, command.sourceIp, emailKeyOf(command.email));
  await deps.unitOfWork.once(
    command.mutation,
    async (tx) => {
      await tx.queueMail("reset_password", command.email, "");
      return { resourceId: "", value: undefined };
    },
    signal,
  );
}
