import {
  CheckReasonSchema,
  type ExplainResponse,
  ExplainResponseSchema,
  Obstacle,
  ObstacleSchema,
  type PermissionSource,
  PermissionSourceKindSchema,
  Remedy,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { Command } from "commander";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { type ObjectQuestionOptions, questionOf, withObjectQuestion } from "../input/object.ts";
import type { Field, View } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";

/** `portcullis explain <principal> [permission]` */
export function explainCommand(runner: Runner): Command {
  return withExamples(
    withObjectQuestion(new Command("explain")),
    "portcullis explain sa::build-bot identity.members.read",
    "portcullis explain ann@example.com --object dashboard/sales --action modify",
  )
    .description("why may this principal do that, or what is in the way, and what would help?")
    .argument("<principal>", principalForms)
    .argument("[permission]", "e.g. credential.credentials.write")
    .action(runner.withSession(explain));
}

async function explain(
  session: Session,
  principal: string,
  permissionId: string | undefined,
  options: ObjectQuestionOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const question = questionOf(permissionId, options);
  const { principalId } = await resolvePrincipal(session, principal);
  const response = await session.read((call) =>
    clients.check.explain({ ...question, accountId, principalId }, call),
  );
  const object = options.object && `${options.object.objectType} ${options.object.objectId}`;
  printer.answer(ExplainResponseSchema, response, (answer) =>
    explanationView(answer, helpOf(answer, principalId, object ?? "")),
  );
}

function explanationView(answer: ExplainResponse, help: string): View {
  const { allowed, reason, sources, objectHolderIds, obstacle } = answer;
  const held: readonly Field[] =
    sources.length === 0
      ? []
      : [[allowed ? "Held by" : "Would be held by", sources.map(sourceText).join("; ")]];
  return {
    kind: "fields",
    fields: [
      ["Allowed", allowed ? "yes" : "no"],
      ["Reason", word(CheckReasonSchema, reason)],
      ...held,
      ...(objectHolderIds.length === 0 ? [] : [["Object open to", objectHolderIds.join(", ")] as const]),
      ...(obstacle === Obstacle.UNSPECIFIED ? [] : [["In the way", word(ObstacleSchema, obstacle)] as const]),
      ...(help === "" ? [] : [["What would help", help] as const]),
    ],
  };
}

/** One way in which a permission is held: `role auditors`, `group grp_1 by role auditors`. */
export function sourceText({ kind, roleId, groupId }: PermissionSource): string {
  const way = word(PermissionSourceKindSchema, kind);
  const group = groupId === "" ? "" : ` ${groupId}`;
  const role = roleId === "" ? "" : `${groupId === "" ? "" : " by role"} ${roleId}`;
  return `${way}${group}${role}`;
}

/** What takes the obstacle away, as a command where there is one. */
function helpOf({ remedy, permissionId }: ExplainResponse, principalId: string, object: string): string {
  switch (remedy) {
    case Remedy.UNSPECIFIED:
      return "";
    case Remedy.ACTIVATE_SUBJECT:
      return principalId.startsWith("svc_")
        ? `portcullis service-user activate ${principalId}`
        : `portcullis member enable ${principalId}`;
    case Remedy.GRANT_PERMISSION:
      return `portcullis permission grant ${permissionId} --to ${principalId}`;
    case Remedy.SCOPE_SERVICE_USERS:
      return `portcullis policy update --service-users scoped, and give it ${permissionId}`;
    case Remedy.SHARE_TO_VIEW:
      return `portcullis object share ${object} --to ${principalId} --action view`;
    case Remedy.SHARE_TO_MODIFY:
      return `portcullis object share ${object} --to ${principalId} --action modify`;
    case Remedy.REGISTER:
      return "portcullis object register, or portcullis permission register";
    case Remedy.RESTORE_ACCOUNT:
      return "portcullis account restore, by an operator";
    default:
      return "something that this version does not know";
  }
}
