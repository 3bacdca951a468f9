import {
  BillingRole,
  BillingRoleSchema,
  DeveloperRole,
  DeveloperRoleSchema,
  type MemberRoles,
  SetMemberRolesResponseSchema,
  TeamRole,
  TeamRoleSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { type Command, Option } from "commander";
import { memberForms, resolveMember } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { oneWord } from "../input/options.ts";
import type { Field } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { inForceFields } from "./in-force-view.ts";

interface SetRolesOptions extends TakeAwayOptions {
  readonly developer: DeveloperRole;
  readonly team: TeamRole;
  readonly billing: BillingRole;
  readonly administrator?: true;
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

/** Adds `set-roles`. */
export function addMemberRoles(command: Command, runner: Runner): void {
  const required = (flags: string, description: string) =>
    new Option(flags, description).makeOptionMandatory();
  withExamples(
    withTakeAwayOptions(command.command("set-roles")),
    "portcullis member set-roles ann@example.com --developer read-write --team manager --billing none",
  )
    .description("make the values of a membership these, in one step; what was held before goes")
    .argument("<member>", memberForms)
    .addOption(required("--developer <value>", "read-write or read-only").argParser(oneWord(developerValues)))
    .addOption(required("--team <value>", "manager, invite-only or read-only").argParser(oneWord(teamValues)))
    .addOption(required("--billing <value>", "access or none").argParser(oneWord(billingValues)))
    .option("--administrator", "everything; who is one and is not to stay one: leave it out")
    .action(runner.withSession(setRoles));
}

async function setRoles(session: Session, member: string, options: SetRolesOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { developer, team, billing, administrator = false } = options;
  const principalId = await resolveMember(session, member);
  const request = { accountId, principalId, roles: { developer, team, billing, administrator } };
  const response = await takeAway(session, options, (requestId, call) =>
    clients.roleBindings.setMemberRoles({ ...request, requestId }, call),
  );
  printer.answer(SetMemberRolesResponseSchema, response, ({ roles, receipt }) => ({
    kind: "fields",
    fields: [["Member", principalId], ...fieldsOf(roles), ...inForceFields(receipt)],
  }));
}

function fieldsOf(roles: MemberRoles | undefined): readonly Field[] {
  if (roles === undefined) return [];
  return [
    ["Developer", word(DeveloperRoleSchema, roles.developer)],
    ["Team", word(TeamRoleSchema, roles.team)],
    ["Billing", word(BillingRoleSchema, roles.billing)],
    ["Administrator", roles.administrator ? "yes" : "no"],
  ];
}
