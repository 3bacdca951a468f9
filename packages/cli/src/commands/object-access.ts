import {
  ObjectAction,
  ObjectActionSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  GetObjectAccessResponseSchema,
  type ObjectAccess,
  SetObjectAccessResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { type Command, Option } from "commander";
import { resolveHolders } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { CliError } from "../errors.ts";
import { withExamples } from "../input/example.ts";
import { collect } from "../input/options.ts";
import type { Field, View } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { inForceFields } from "./in-force-view.ts";

/** How help names what an object can be open to. */
export const holderForms = "user_..., svc_..., grp_..., an e-mail address, sa::<name> or everyone";

interface SetAccessOptions extends TakeAwayOptions {
  readonly view?: readonly string[];
  readonly modify?: readonly string[];
  readonly nobody?: true;
}

/** Adds `access` and `set-access`. */
export function addObjectAccess(command: Command, runner: Runner): void {
  withExamples(command.command("access"), "portcullis object access dashboard sales")
    .description("tell who an object is open to")
    .argument("<type>", "e.g. dashboard")
    .argument("<id>", "the id that its backend gave it")
    .action(runner.withSession(access));
  const several = (flags: string, description: string) =>
    new Option(flags, `${description}: ${holderForms}; may be given several times`).argParser(collect);
  withExamples(
    withTakeAwayOptions(command.command("set-access")),
    "portcullis object set-access dashboard sales --modify ann@example.com --view everyone",
  )
    .description("open an object to these and to nobody else")
    .argument("<type>", "e.g. dashboard")
    .argument("<id>", "the id that its backend gave it")
    .addOption(several("--view <holder>", "who may view it"))
    .addOption(several("--modify <holder>", "who may modify it, and so view it"))
    .addOption(new Option("--nobody", "to nobody: an orphan").conflicts(["view", "modify"]))
    .action(runner.withSession(setAccess));
}

async function access(
  { account: accountId, clients, printer, read }: Session,
  objectType: string,
  objectId: string,
): Promise<void> {
  const response = await read((call) =>
    clients.objects.getObjectAccess({ accountId, objectType, objectId }, call),
  );
  printer.answer(GetObjectAccessResponseSchema, response, (answer) => accessView(answer.access));
}

async function setAccess(
  session: Session,
  objectType: string,
  objectId: string,
  options: SetAccessOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { view = [], modify = [], nobody = false } = options;
  if (view.length + modify.length === 0 && !nobody) {
    throw CliError.usage("Nobody is named.", "Name some with --view or --modify, or say --nobody.");
  }
  const entriesOf = async (holders: readonly string[], action: ObjectAction) =>
    (await resolveHolders(session, holders)).map((holderId) => ({ holderId, action }));
  const entries = [
    ...(await entriesOf(view, ObjectAction.VIEW)),
    ...(await entriesOf(modify, ObjectAction.MODIFY)),
  ];
  const response = await takeAway(session, options, (requestId, call) =>
    clients.objects.setObjectAccess({ accountId, objectType, objectId, entries, requestId }, call),
  );
  printer.answer(SetObjectAccessResponseSchema, response, (answer) =>
    accessView(answer.access, answer.receipt),
  );
}

function accessView(found: ObjectAccess | undefined, receipt?: RevocationReceipt): View {
  if (found === undefined) return { kind: "fields", fields: [] };
  const may = (action: ObjectAction): Field => [
    `May ${word(ObjectActionSchema, action)}`,
    found.entries
      .filter((entry) => entry.action === action)
      .map(({ holderId }) => holderId)
      .join(", "),
  ];
  return {
    kind: "fields",
    fields: [
      ["Object", `${found.object?.objectType ?? ""}/${found.object?.objectId ?? ""}`],
      ["Created by", found.creatorId],
      may(ObjectAction.VIEW),
      may(ObjectAction.MODIFY),
      ...inForceFields(receipt),
    ],
  };
}
