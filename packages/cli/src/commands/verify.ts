import { type CredentialKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  VerifySshKeyResponseSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { Command, Option } from "commander";
import type { Session } from "../call/session.ts";
import { CliError } from "../errors.ts";
import { type ActionOptions, actionOf, withActionOptions } from "../input/action.ts";
import { withExamples } from "../input/example.ts";
import { collectWords, parseIpAddress } from "../input/options.ts";
import { type PublicKeyOptions, readPublicKey, withPublicKeyOptions } from "../input/public-key.ts";
import { readSecret } from "../input/standard-input.ts";
import type { Runner } from "../runner.ts";
import { credentialKinds } from "./credential-read.ts";
import { isRefusal, verificationView } from "./verification-view.ts";
import { verifyTokens } from "./verify-batch.ts";

interface VerifyOptions extends ActionOptions {
  readonly sourceIp?: string;
}

interface VerifyTokenOptions extends VerifyOptions {
  readonly stdin?: true;
  readonly kind?: readonly CredentialKind[];
}

/** `portcullis verify …` */
export function verifyCommand(runner: Runner): Command {
  const command = new Command("verify").description("is this credential good, for this, from there?");
  withExamples(
    withVerifyOptions(command.command("token")),
    "portcullis verify token --stdin --host app.example.com < token.txt",
  )
    .description("verify a token; ends in 0 if it is valid, in 3 if not")
    .argument("[token]", "shows in lists of processes: better use --stdin or PORTCULLIS_TOKEN")
    .option("--stdin", "read the token from standard input")
    .addOption(
      new Option(
        "--kind <kind>",
        "authtoken or api-key: a kind to accept; may be given several times",
      ).argParser(collectWords(credentialKinds)),
    )
    .action(runner.asking(verifyToken));
  withExamples(command.command("tokens"), "portcullis verify tokens < tokens.txt")
    .description("verify tokens on standard input, one a line; ends in 0 if all are valid, in 3 if not")
    .action(runner.asking(verifyTokens));
  withExamples(
    withPublicKeyOptions(withVerifyOptions(command.command("ssh-key"))),
    "portcullis verify ssh-key --public-key-file id_ed25519.pub",
  )
    .description("verify an SSH public key; ends in 0 if it is valid, in 3 if not")
    .action(runner.asking(verifySshKey));
  return command;
}

async function verifyToken(
  session: Session,
  argument: string | undefined,
  options: VerifyTokenOptions,
): Promise<boolean> {
  const { sourceIp = "", kind = [] } = options;
  const request = { ...actionOf(options), acceptedKinds: [...kind], sourceIp };
  const token = await tokenOf(session, argument, options);
  const response = await session.read((call) =>
    session.clients.verification.verifyToken({ ...request, token }, call),
  );
  session.printer.answer(VerifyTokenResponseSchema, response, verificationView);
  return !isRefusal(response.verification);
}

async function verifySshKey(session: Session, options: VerifyOptions & PublicKeyOptions): Promise<boolean> {
  const { sourceIp = "" } = options;
  const request = { ...actionOf(options), publicKey: await readPublicKey(options), sourceIp };
  const response = await session.read((call) => session.clients.verification.verifySshKey(request, call));
  session.printer.answer(VerifySshKeyResponseSchema, response, verificationView);
  return !isRefusal(response.verification);
}

async function tokenOf(
  { terminal, printer }: Session,
  argument: string | undefined,
  options: VerifyTokenOptions,
): Promise<string> {
  if (argument !== undefined && options.stdin) {
    throw CliError.usage("The token is given twice: as an argument and with --stdin.");
  }
  if (argument !== undefined) {
    printer.note(
      "Note: other users of this machine can see the token in lists of processes; --stdin hides it.",
    );
    return argument;
  }
  if (options.stdin) return readSecret(terminal, "token");
  const fromEnvironment = terminal.environment["PORTCULLIS_TOKEN"] ?? "";
  if (fromEnvironment !== "") return fromEnvironment;
  throw CliError.usage("There is no token to verify.", "Give it with --stdin, or in PORTCULLIS_TOKEN.");
}

function withVerifyOptions(command: Command): Command {
  return withActionOptions(command).addOption(
    new Option("--source-ip <address>", "the address that the credential came from").argParser(
      parseIpAddress,
    ),
  );
}
