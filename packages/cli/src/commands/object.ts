import {
  ListOrphansResponseSchema,
  RegisterObjectsResponseSchema,
  UnregisterObjectsResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import {
  type ChangeOptions,
  type ListOptions,
  withChangeOptions,
  withListOptions,
} from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { addObjectAccess } from "./object-access.ts";
import { addObjectSharing } from "./object-share.ts";

/** `portcullis object …` */
export function objectCommand(runner: Runner): Command {
  const command = new Command("object").description("objects of backends, and who they are open to");
  withExamples(
    withChangeOptions(command.command("register")),
    "portcullis object register dashboard sales stock --creator ann@example.com",
  )
    .description(
      "make objects of a type known; by the account's policy they are open to all or their creator",
    )
    .argument("<type>", "e.g. dashboard")
    .argument("<id...>", "the ids that their backend gave them")
    .option("--creator <principal>", `${principalForms}; the caller if not given`)
    .action(runner.withSession(register));
  withExamples(
    withTakeAwayOptions(command.command("unregister")),
    "portcullis object unregister dashboard sales",
  )
    .description("forget objects, and who they are open to")
    .argument("<type>", "e.g. dashboard")
    .argument("<id...>", "the ids that their backend gave them")
    .action(runner.withSession(unregister));
  addObjectAccess(command, runner);
  addObjectSharing(command, runner);
  withExamples(withListOptions(command.command("orphans")), "portcullis object orphans --type dashboard")
    .description("list the objects that are open to nobody")
    .option("--type <type>", "of this type only")
    .action(runner.withSession(orphans));
  return command;
}

async function register(
  session: Session,
  objectType: string,
  objectIds: string[],
  options: ChangeOptions & { readonly creator?: string },
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { creator } = options;
  const creatorId = creator === undefined ? "" : (await resolvePrincipal(session, creator)).principalId;
  const objects = objectIds.map((objectId) => ({ objectId, creatorId }));
  const response = await session.change(options, (requestId, call) =>
    clients.objects.registerObjects({ accountId, objectType, objects, requestId }, call),
  );
  printer.answer(RegisterObjectsResponseSchema, response, () =>
    doneView(`Known as ${objectType}: ${objectIds.join(", ")}.`),
  );
}

async function unregister(
  session: Session,
  objectType: string,
  objectIds: string[],
  options: TakeAwayOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const response = await takeAway(session, options, (requestId, call) =>
    clients.objects.unregisterObjects({ accountId, objectType, objectIds, requestId }, call),
  );
  printer.answer(UnregisterObjectsResponseSchema, response, ({ receipt }) =>
    doneView(`Forgotten as ${objectType}: ${objectIds.join(", ")}.`, receipt),
  );
}

async function orphans(session: Session, options: ListOptions & { readonly type?: string }): Promise<void> {
  const { account: accountId, clients } = session;
  const objectType = options.type ?? "";
  await showList(session, options, {
    desc: ListOrphansResponseSchema,
    read: (page, call) => clients.objects.listOrphans({ ...page, accountId, objectType }, call),
    items: ({ objects }) => objects,
    view: (objects) => ({
      kind: "table",
      columns: [{ title: "TYPE" }, { title: "ID" }],
      rows: objects.map((object) => [object.objectType, object.objectId]),
      empty: "No object is open to nobody.",
    }),
  });
}
