import {
  BillingRole,
  DeveloperRole,
  TeamRole,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { type Command, Option } from "commander";
import { collect, oneWord } from "../input/options.ts";

/** What a person is given on joining. */
export interface GrantOptions {
  readonly developer?: DeveloperRole;
  readonly team?: TeamRole;
  readonly billing?: BillingRole;
  readonly administrator?: true;
  readonly role?: readonly string[];
  readonly group?: readonly string[];
  readonly permission?: readonly string[];
}

const developerValues = new Map<string, DeveloperRole>([
  ["read-write", DeveloperRole.READ_WRITE],
  ["read-only", DeveloperRole.READ_ONLY],
]);
const teamValues = new Map<string, TeamRole>([
  ["manager", TeamRole.MANAGER],
  ["invite-only", TeamRole.INVITE_ONLY],
  ["read-only", TeamRole.READ_ONLY],
]);
const billingValues = new Map<string, BillingRole>([
  ["access", BillingRole.ACCESS],
  ["none", BillingRole.NONE],
]);

/** Adds the options that say what a person is given on joining. */
export function withGrantOptions(command: Command): Command {
  const several = (flags: string, description: string) =>
    new Option(flags, `${description}; may be given several times`).argParser(collect);
  return command
    .addOption(
      new Option("--developer <value>", "read-write (if not given) or read-only").argParser(
        oneWord(developerValues),
      ),
    )
    .addOption(
      new Option("--team <value>", "manager, invite-only or read-only (if not given)").argParser(
        oneWord(teamValues),
      ),
    )
    .addOption(
      new Option("--billing <value>", "access or none (if not given)").argParser(oneWord(billingValues)),
    )
    .option("--administrator", "everything")
    .addOption(several("--role <id>", "a further role"))
    .addOption(several("--group <id>", "a group to join, grp_..."))
    .addOption(several("--permission <id>", "a single permission"));
}

/** The same as requests have it. */
export function grantsOf(options: GrantOptions) {
  const { role = [], group = [], permission = [] } = options;
  return {
    developer: options.developer ?? DeveloperRole.UNSPECIFIED,
    team: options.team ?? TeamRole.UNSPECIFIED,
    billing: options.billing ?? BillingRole.UNSPECIFIED,
    administrator: options.administrator ?? false,
    roleIds: [...role],
    groupIds: [...group],
    permissionIds: [...permission],
  };
}
