import {
  CreateGroupResponseSchema,
  DeleteGroupResponseSchema,
  UpdateGroupResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayEtagOptions, takeAway } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import {
  type ChangeOptions,
  type EtagOptions,
  withChangeOptions,
  withEtagOptions,
} from "../input/options.ts";
import { withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { groupView } from "./group-view.ts";
import { doneView } from "./in-force-view.ts";

/** Adds `create`, `update` and `delete`. */
export function addGroupChanges(command: Command, runner: Runner): void {
  withExamples(withChangeOptions(command.command("create")), "portcullis group create Deployers")
    .description("create a group, without members and roles")
    .argument("<name>", "unique in the account without regard to case")
    .option("--description <text>", "what it is for")
    .action(runner.withSession(create));
  withExamples(
    withEtagOptions(command.command("update")),
    'portcullis group update grp_01h455vb4pex5vsknk084sn02q --description "who may deploy"',
  )
    .description("change a group's name or description")
    .argument("<id>", "grp_...")
    .option("--name <name>", "the new name")
    .option("--description <text>", "the new description")
    .action(runner.withSession(update));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("delete"))),
    "portcullis group delete grp_01h455vb4pex5vsknk084sn02q --force",
  )
    .description("delete a group for ever; its members lose what it gave")
    .argument("<id>", "grp_...")
    .option("--force", "also if it is in use: has members, or objects are open to it")
    .action(runner.withSession(remove));
}

async function create(
  session: Session,
  displayName: string,
  options: ChangeOptions & { readonly description?: string },
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const request = { accountId, displayName, description: options.description ?? "" };
  const response = await session.change(options, (requestId, call) =>
    clients.groups.createGroup({ ...request, requestId }, call),
  );
  printer.answer(CreateGroupResponseSchema, response, ({ group }) => groupView(group));
}

async function update(
  session: Session,
  groupId: string,
  options: EtagOptions & { readonly name?: string; readonly description?: string },
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { name, description, etag = "" } = options;
  const request = {
    accountId,
    groupId,
    displayName: name ?? "",
    description: description ?? "",
    updateMask: maskOf({ display_name: name, description }),
    etag,
  };
  const response = await session.change(options, (requestId, call) =>
    clients.groups.updateGroup({ ...request, requestId }, call),
  );
  printer.answer(UpdateGroupResponseSchema, response, ({ group }) => groupView(group));
}

async function remove(
  session: Session,
  groupId: string,
  options: TakeAwayEtagOptions & { readonly force?: true },
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { force = false, etag = "" } = options;
  const response = await takeAway(session, options, (requestId, call) =>
    clients.groups.deleteGroup({ accountId, groupId, force, etag, requestId }, call),
  );
  printer.answer(DeleteGroupResponseSchema, response, ({ receipt }) =>
    doneView(`Deleted ${groupId}.`, receipt),
  );
}
