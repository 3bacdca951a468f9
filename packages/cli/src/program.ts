import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { accountCommand } from "./commands/account.ts";
import { checkCommand } from "./commands/check.ts";
import { credentialCommand } from "./commands/credential.ts";
import { profileCommand } from "./commands/profile.ts";
import { receiptCommand } from "./commands/receipt.ts";
import { roleCommand } from "./commands/role.ts";
import { roleBindingCommand } from "./commands/role-binding.ts";
import { serviceUserCommand } from "./commands/service-user.ts";
import { verifyCommand } from "./commands/verify.ts";
import { parseTimeout } from "./input/options.ts";
import { createRunner } from "./runner.ts";
import type { Terminal } from "./terminal.ts";

/** The command line as a whole. It throws CommanderError instead of ending the process. */
export function createProgram(terminal: Terminal, answered: (refused: boolean) => void): Command {
  const runner = createRunner(terminal, answered);
  const program = new Command("portcullis")
    .description("Service users, their credentials, and what they may do.")
    .version(manifest.version)
    .option("--json", "print the answer, or the error, as JSON")
    .option("--profile <name>", "use this profile of the configuration file")
    .option("--account <id>", "the account to work in; the API key's own if not given")
    .addOption(
      new Option("--timeout <seconds>", "how long a call may take, repeats of a change included")
        .argParser(parseTimeout)
        .default(15_000, "15"),
    )
    .addCommand(serviceUserCommand(runner))
    .addCommand(credentialCommand(runner))
    .addCommand(verifyCommand(runner))
    .addCommand(checkCommand(runner))
    .addCommand(roleCommand(runner))
    .addCommand(roleBindingCommand(runner))
    .addCommand(accountCommand(runner))
    .addCommand(receiptCommand(runner))
    .addCommand(profileCommand(runner))
    .addHelpText("after", helpEnd);
  for (const command of withDescendants(program)) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({
        writeOut: (text) => terminal.stdout.write(text),
        writeErr: (text) => terminal.stderr.write(text),
        // Told once, by whoever catches it.
        outputError: () => {},
        getOutHelpWidth: () => terminal.stdout.columns ?? 100,
        getErrHelpWidth: () => terminal.stderr.columns ?? 100,
      });
  }
  return program;
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

const helpEnd = `
Environment:
  PORTCULLIS_API_KEY            the API key to call with
  PORTCULLIS_IDENTITY_URL, PORTCULLIS_AUTHORIZATION_URL, PORTCULLIS_CREDENTIAL_URL
                                where the services are, if not at 127.0.0.1:7401, 7402 and 7403
  PORTCULLIS_PROFILE            as --profile
  PORTCULLIS_CONFIG             the configuration file
  PORTCULLIS_TOKEN              the token for \`portcullis verify token\`

Exit codes: 0 done, 1 error, 2 wrong usage, 3 refused (verify, check, receipt verify).`;
