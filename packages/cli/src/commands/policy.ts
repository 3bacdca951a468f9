import {
  type AccountPolicy,
  GetAccountPolicyResponseSchema,
  NewObjectAccess,
  NewObjectAccessSchema,
  ServiceUserPolicy,
  ServiceUserPolicySchema,
  UpdateAccountPolicyResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/policy_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { Command, Option } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayEtagOptions, takeAway } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import { collect, oneWord, withEtagOptions } from "../input/options.ts";
import { withReceiptOption } from "../output/receipt-file.ts";
import type { View } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { inForceFields } from "./in-force-view.ts";

interface UpdateOptions extends TakeAwayEtagOptions {
  readonly serviceUsers?: ServiceUserPolicy;
  readonly newObjects?: NewObjectAccess;
  readonly defaultPermission?: readonly string[];
  readonly clearDefaultPermissions?: true;
  readonly defaultGroup?: readonly string[];
  readonly clearDefaultGroups?: true;
}

const serviceUserPolicies = new Map<string, ServiceUserPolicy>([
  ["developer", ServiceUserPolicy.DEVELOPER],
  ["scoped", ServiceUserPolicy.SCOPED],
]);
const newObjectAccesses = new Map<string, NewObjectAccess>([
  ["everyone", NewObjectAccess.EVERYONE],
  ["creator-only", NewObjectAccess.CREATOR_ONLY],
]);

/** `portcullis policy …` */
export function policyCommand(runner: Runner): Command {
  const command = new Command("policy").description(
    "what the account has decided for all its service users, new members and new objects",
  );
  withExamples(command.command("get"), "portcullis policy get")
    .description("show the policy")
    .action(runner.withSession(get));
  const several = (flags: string, description: string) =>
    new Option(flags, `${description}; may be given several times; replaces what was there`).argParser(
      collect,
    );
  withExamples(
    withReceiptOption(withEtagOptions(command.command("update"))),
    "portcullis policy update --service-users scoped",
    "portcullis policy update --default-permission identity.members.read --new-objects creator-only",
  )
    .description("change what is given; defaults are for those who come later")
    .addOption(
      new Option(
        "--service-users <policy>",
        "developer: as Developer read-write and nothing else; scoped: what they are given",
      ).argParser(oneWord(serviceUserPolicies)),
    )
    .addOption(
      new Option("--new-objects <access>", "who a new object is open to: everyone or creator-only").argParser(
        oneWord(newObjectAccesses),
      ),
    )
    .addOption(several("--default-permission <id>", "what a new member is given directly"))
    .addOption(new Option("--clear-default-permissions", "nothing").conflicts("defaultPermission"))
    .addOption(several("--default-group <id>", "what a new member is put into, beside Everyone"))
    .addOption(new Option("--clear-default-groups", "none").conflicts("defaultGroup"))
    .action(runner.withSession(update));
  return command;
}

async function get({ account: accountId, clients, printer, read }: Session): Promise<void> {
  const response = await read((call) => clients.policies.getAccountPolicy({ accountId }, call));
  printer.answer(GetAccountPolicyResponseSchema, response, ({ policy }) => policyView(policy));
}

async function update(session: Session, options: UpdateOptions): Promise<void> {
  const { serviceUsers, newObjects, etag = "" } = options;
  const permissions = options.clearDefaultPermissions ? [] : options.defaultPermission;
  const groups = options.clearDefaultGroups ? [] : options.defaultGroup;
  const request = {
    accountId: session.account,
    serviceUserPolicy: serviceUsers ?? ServiceUserPolicy.UNSPECIFIED,
    newObjectAccess: newObjects ?? NewObjectAccess.UNSPECIFIED,
    defaultPermissionIds: [...(permissions ?? [])],
    defaultGroupIds: [...(groups ?? [])],
    updateMask: maskOf({
      service_user_policy: serviceUsers,
      new_object_access: newObjects,
      default_permission_ids: permissions,
      default_group_ids: groups,
    }),
    etag,
  };
  const response = await takeAway(session, options, (requestId, call) =>
    session.clients.policies.updateAccountPolicy({ ...request, requestId }, call),
  );
  session.printer.answer(UpdateAccountPolicyResponseSchema, response, ({ policy, receipt }) =>
    policyView(policy, receipt),
  );
}

function policyView(policy: AccountPolicy | undefined, receipt?: RevocationReceipt): View {
  if (policy === undefined) return { kind: "fields", fields: [] };
  return {
    kind: "fields",
    fields: [
      ["Account", policy.accountId],
      ["Service users", word(ServiceUserPolicySchema, policy.serviceUserPolicy)],
      ["New objects", word(NewObjectAccessSchema, policy.newObjectAccess)],
      ["Default permissions", policy.defaultPermissionIds.join(", ")],
      ["Default groups", policy.defaultGroupIds.join(", ")],
      ["Etag", policy.etag],
      ...inForceFields(receipt),
    ],
  };
}
