import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { accountCommand } from "./commands/account.ts";
import { checkCommand } from "./commands/check.ts";
import { credentialCommand } from "./commands/credential.ts";
import { explainCommand } from "./commands/explain.ts";
import { groupCommand } from "./commands/group.ts";
import { invitationCommand } from "./commands/invitation.ts";
import { meCommand } from "./commands/me.ts";
import { memberCommand } from "./commands/member.ts";
import { objectCommand } from "./commands/object.ts";
import { permissionCommand } from "./commands/permission.ts";
import { personCommand } from "./commands/person.ts";
import { policyCommand } from "./commands/policy.ts";
import { profileCommand } from "./commands/profile.ts";
import { receiptCommand } from "./commands/receipt.ts";
import { roleCommand } from "./commands/role.ts";
import { roleBindingCommand } from "./commands/role-binding.ts";
import { serviceUserCommand } from "./commands/service-user.ts";
import { sessionCommand } from "./commands/session.ts";
import { superAdminCommand } from "./commands/super-admin.ts";
import { verifyCommand } from "./commands/verify.ts";
import { listObjectsCommand, listPermissionsCommand, listSubjectsCommand } from "./commands/what-may.ts";
import { parseTimeout } from "./input/options.ts";
import { createRunner, type Runner } from "./runner.ts";
import type { Terminal } from "./terminal.ts";

/** The command line as a whole. It throws CommanderError instead of ending the process. */
export function createProgram(terminal: Terminal, answered: (refused: boolean) => void): Command {
  const runner = createRunner(terminal, answered);
  const program = new Command("portcullis")
    .description("Service users, people, their credentials, and what they may do.")
    .version(manifest.version)
    .option("--json", "print the answer, or the error, as JSON")
    .option("--profile <name>", "use this profile of the configuration file")
    .option("--account <id>", "the account to work in; the API key's own if not given")
    .addOption(
      new Option("--timeout <seconds>", "how long a call may take, repeats of a change included")
        .argParser(parseTimeout)
        .default(15_000, "15"),
    )
    .addHelpText("after", helpEnd);
  for (const [heading, commands] of commandGroups) {
    program.commandsGroup(heading);
    for (const commandOf of commands) program.addCommand(commandOf(runner));
  }
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

/** Under which headings the commands are shown. */
const commandGroups: readonly (readonly [string, readonly ((runner: Runner) => Command)[]])[] = [
  [
    "Who there is:",
    [serviceUserCommand, memberCommand, invitationCommand, accountCommand, superAdminCommand],
  ],
  ["How they prove it:", [credentialCommand, sessionCommand, verifyCommand]],
  [
    "What they may do:",
    [checkCommand, explainCommand, listPermissionsCommand, listObjectsCommand, listSubjectsCommand],
  ],
  [
    "What they are given:",
    [roleCommand, roleBindingCommand, groupCommand, permissionCommand, objectCommand, policyCommand],
  ],
  ["Oneself:", [personCommand, meCommand]],
  ["Proof and settings:", [receiptCommand, profileCommand]],
];

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

const helpEnd = `
Environment:
  PORTCULLIS_API_KEY            the API key to call with, or a session's token
  PORTCULLIS_URL                where the gateway is, which answers for all services
  PORTCULLIS_IDENTITY_URL, PORTCULLIS_AUTHORIZATION_URL, PORTCULLIS_CREDENTIAL_URL
                                where the services are, if not at 127.0.0.1:7401, 7402 and 7403
  PORTCULLIS_PROFILE            as --profile
  PORTCULLIS_CONFIG             the configuration file
  PORTCULLIS_TOKEN              the token for \`portcullis verify token\`

Exit codes: 0 done, 1 error, 2 wrong usage, 3 refused (verify, check, receipt verify, invitation create).`;
