import type { ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  RescueObjectsResponseSchema,
  ShareObjectsResponseSchema,
  UnshareObjectsResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { type Command, Option } from "commander";
import { resolveHolders } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { actionOption } from "../input/object.ts";
import { type ChangeOptions, collect, withChangeOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { holderForms } from "./object-access.ts";

interface ToOptions extends ChangeOptions {
  readonly to: readonly string[];
}

interface ShareOptions extends ToOptions {
  readonly action: ObjectAction;
}

interface UnshareOptions extends TakeAwayOptions {
  readonly from: readonly string[];
  readonly action: ObjectAction;
}

/** Adds `share`, `unshare` and `rescue`. */
export function addObjectSharing(command: Command, runner: Runner): void {
  const who = (flag: string) =>
    new Option(`--${flag} <holder>`, `${holderForms}; may be given several times`)
      .argParser(collect)
      .makeOptionMandatory();
  withObjects(
    withExamples(
      withChangeOptions(command.command("share")),
      "portcullis object share dashboard sales stock --to ann@example.com --action view",
    ),
  )
    .description("open objects to more, all or none; nobody loses anything")
    .addOption(who("to"))
    .addOption(actionOption("view, or modify, which implies it").makeOptionMandatory())
    .action(runner.withSession(share));
  withObjects(
    withExamples(
      withTakeAwayOptions(command.command("unshare")),
      "portcullis object unshare dashboard sales --from everyone --action view",
    ),
  )
    .description("close objects to some, all or none; what their groups give them stays")
    .addOption(who("from"))
    .addOption(actionOption("modify: they may still view; view: neither").makeOptionMandatory())
    .action(runner.withSession(unshare));
  withObjects(
    withExamples(
      withChangeOptions(command.command("rescue")),
      "portcullis object rescue dashboard stock --to ann@example.com",
    ),
  )
    .description("open objects that are open to nobody, to modify, all or none")
    .addOption(who("to"))
    .action(runner.withSession(rescue));
}

function withObjects(command: Command): Command {
  return command
    .argument("<type>", "e.g. dashboard")
    .argument("<id...>", "the ids that their backend gave them");
}

async function share(session: Session, objectType: string, objectIds: string[], options: ShareOptions) {
  const { account: accountId, clients, printer } = session;
  const { action } = options;
  const holderIds = await resolveHolders(session, options.to);
  const response = await session.change(options, (requestId, call) =>
    clients.objects.shareObjects({ accountId, objectType, objectIds, holderIds, action, requestId }, call),
  );
  printer.answer(ShareObjectsResponseSchema, response, () =>
    doneView(`Shared with ${holderIds.join(", ")}: ${objectIds.join(", ")}.`),
  );
}

async function unshare(session: Session, objectType: string, objectIds: string[], options: UnshareOptions) {
  const { account: accountId, clients, printer } = session;
  const { action } = options;
  const holderIds = await resolveHolders(session, options.from);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.objects.unshareObjects({ accountId, objectType, objectIds, holderIds, action, requestId }, call),
  );
  printer.answer(UnshareObjectsResponseSchema, response, ({ receipt }) =>
    doneView(`Not shared any more with ${holderIds.join(", ")}: ${objectIds.join(", ")}.`, receipt),
  );
}

async function rescue(session: Session, objectType: string, objectIds: string[], options: ToOptions) {
  const { account: accountId, clients, printer } = session;
  const holderIds = await resolveHolders(session, options.to);
  const response = await session.change(options, (requestId, call) =>
    clients.objects.rescueObjects({ accountId, objectType, objectIds, holderIds, requestId }, call),
  );
  printer.answer(RescueObjectsResponseSchema, response, () =>
    doneView(`Open to ${holderIds.join(", ")}: ${objectIds.join(", ")}.`),
  );
}
