import { create } from "@bufbuild/protobuf";
import {
  ListObjectsResponseSchema,
  ListPermissionsResponseSchema,
  ListSubjectsResponseSchema,
  ObjectAction,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import { noteIfMore } from "../call/pages.ts";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { actionOption, type ObjectQuestionOptions, questionOf, withObjectQuestion } from "../input/object.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { sourceText } from "./explain.ts";

const limitDefault = 50;

/** `portcullis list-permissions <principal>` */
export function listPermissionsCommand(runner: Runner): Command {
  return withExamples(new Command("list-permissions"), "portcullis list-permissions sa::build-bot")
    .description("what may this principal do, and where does it come from?")
    .argument("<principal>", principalForms)
    .action(runner.withSession(listPermissions));
}

/** `portcullis list-objects <principal> <type>` */
export function listObjectsCommand(runner: Runner): Command {
  const command = withListOptions(new Command("list-objects"));
  return withExamples(command, "portcullis list-objects ann@example.com dashboard --action modify")
    .description("which objects may this principal view or modify?")
    .argument("<principal>", principalForms)
    .argument("<type>", "e.g. dashboard")
    .addOption(actionOption("view (if not given) or modify"))
    .action(runner.withSession(listObjects));
}

/** `portcullis list-subjects [permission]` */
export function listSubjectsCommand(runner: Runner): Command {
  return withExamples(
    withObjectQuestion(withListOptions(new Command("list-subjects"))),
    "portcullis list-subjects identity.members.read",
    "portcullis list-subjects --object dashboard/sales --action modify --all",
  )
    .description("who may do that?")
    .argument("[permission]", "e.g. credential.credentials.write")
    .action(runner.withSession(listSubjects));
}

async function listPermissions(session: Session, principal: string): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principalId } = await resolvePrincipal(session, principal);
  const response = await session.read((call) =>
    clients.check.listPermissions({ accountId, principalId }, call),
  );
  printer.answer(ListPermissionsResponseSchema, response, ({ permissions }) => ({
    kind: "table",
    columns: [{ title: "PERMISSION" }, { title: "COMES FROM", cut: true }],
    rows: permissions.map(({ permissionId, sources }) => [permissionId, sources.map(sourceText).join("; ")]),
    empty: "None: it holds nothing, is not active, or is unknown.",
  }));
}

async function listObjects(
  session: Session,
  principal: string,
  objectType: string,
  options: ListOptions & Pick<ObjectQuestionOptions, "action">,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { principalId } = await resolvePrincipal(session, principal);
  const limit = options.all ? Number.POSITIVE_INFINITY : (options.limit ?? limitDefault);
  const action = options.action ?? ObjectAction.VIEW;
  const response = await session.read(async (call) => {
    const whole = create(ListObjectsResponseSchema);
    for await (const page of clients.check.listObjects(
      { accountId, principalId, objectType, action },
      call,
    )) {
      whole.objectIds.push(...page.objectIds);
      // Of the first page: the whole rests on no more than that.
      whole.evaluatedRevision ||= page.evaluatedRevision;
      if (whole.objectIds.length > limit) break;
    }
    return whole;
  });
  const isMore = response.objectIds.length > limit;
  if (isMore) response.objectIds.length = limit;
  printer.answer(ListObjectsResponseSchema, response, ({ objectIds }) => ({
    kind: "table",
    columns: [{ title: "ID" }],
    rows: objectIds.map((objectId) => [objectId]),
    empty: "No objects.",
  }));
  noteIfMore(printer, isMore ? "more" : "");
}

async function listSubjects(
  session: Session,
  permissionId: string | undefined,
  options: ListOptions & ObjectQuestionOptions,
): Promise<void> {
  const { account: accountId, clients } = session;
  const question = questionOf(permissionId, options);
  await showList(session, options, {
    desc: ListSubjectsResponseSchema,
    read: (page, call) => clients.check.listSubjects({ ...page, ...question, accountId }, call),
    items: ({ principalIds }) => principalIds,
    view: (principalIds) => ({
      kind: "table",
      columns: [{ title: "PRINCIPAL" }],
      rows: principalIds.map((principalId) => [principalId]),
      empty: "Nobody.",
    }),
  });
}
