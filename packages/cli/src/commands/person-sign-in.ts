import { SignInResponseSchema } from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { readSecrets } from "../input/standard-input.ts";
import type { Runner } from "../runner.ts";
import { showSession } from "./session-secret.ts";

interface SignInOptions {
  readonly code?: true;
  readonly invitation?: true;
}

const linkToken = "token of the invitation's link";

/** Adds `sign-in`. */
export function addSignIn(command: Command, runner: Runner): void {
  withExamples(
    command.command("sign-in"),
    "portcullis person sign-in ann@example.com < password.txt",
    "portcullis person sign-in ann@example.com --code --account acct_01h455vb4pex5vsknk084sn02q < password-and-code.txt",
  )
    .description("sign in; the session's token, which works as an API key does, is shown this once")
    .argument("<email>", "the address")
    .option("--code", "with a second factor: the code is the next line")
    .option("--invitation", "accept an invitation with it: the token of its link is the next line")
    .action(runner.withOpenSession(signIn));
}

async function signIn(session: Session, email: string, options: SignInOptions): Promise<void> {
  const { account, clients, terminal } = session;
  const secrets = await readSecrets(terminal, [
    "password",
    ...(options.code ? (["code"] as const) : []),
    ...(options.invitation ? ([linkToken] as const) : []),
  ]);
  const request = {
    email,
    password: secrets.password,
    code: options.code ? secrets.code : "",
    account,
    invitationToken: options.invitation ? secrets[linkToken] : "",
  };
  // Each call is a sign-in of its own, so it is not repeated.
  const response = await session.read((call) => clients.signIn.signIn(request, call));
  showSession(session, SignInResponseSchema, response);
}
