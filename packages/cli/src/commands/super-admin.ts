import {
  AddSuperAdminResponseSchema,
  ListSuperAdminsResponseSchema,
  RemoveSuperAdminResponseSchema,
  type SuperAdmin,
} from "@portcullis/contracts/portcullis/identity/v1/super_admin_pb.ts";
import { Command } from "commander";
import { memberForms, resolveUser } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, withChangeOptions } from "../input/options.ts";
import type { View } from "../output/view.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";

const who = `the person: ${memberForms} of a member of the account`;

/** `portcullis super-admin …` */
export function superAdminCommand(runner: Runner): Command {
  const command = new Command("super-admin").description(
    "super administrators: who operates the installation; for operators",
  );
  withExamples(command.command("list"), "portcullis super-admin list")
    .description("list all of them")
    .action(runner.withSession(list));
  withExamples(withChangeOptions(command.command("add")), "portcullis super-admin add ann@example.com")
    .description("make a person one, in all accounts that the person is a member of")
    .argument("<person>", who)
    .action(runner.withSession(add));
  withExamples(
    withTakeAwayOptions(command.command("remove")),
    "portcullis super-admin remove ann@example.com --receipt ann.json",
  )
    .description("take it away, from now on; the last one stays")
    .argument("<person>", who)
    .action(runner.withSession(remove));
  return command;
}

async function list({ clients, printer, read }: Session): Promise<void> {
  const response = await read((call) => clients.superAdmins.listSuperAdmins({}, call));
  printer.answer(ListSuperAdminsResponseSchema, response, ({ superAdmins }) => superAdminsView(superAdmins));
}

async function add(session: Session, person: string, options: ChangeOptions): Promise<void> {
  const { clients, printer } = session;
  const userId = await resolveUser(session, person);
  const response = await session.change(options, (requestId, call) =>
    clients.superAdmins.addSuperAdmin({ userId, requestId }, call),
  );
  printer.answer(AddSuperAdminResponseSchema, response, () =>
    doneView(`${userId} is a super administrator.`),
  );
}

async function remove(session: Session, person: string, options: TakeAwayOptions): Promise<void> {
  const { clients, printer } = session;
  const userId = await resolveUser(session, person);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.superAdmins.removeSuperAdmin({ userId, requestId }, call),
  );
  printer.answer(RemoveSuperAdminResponseSchema, response, ({ receipt }) =>
    doneView(`${userId} is no super administrator any more.`, receipt),
  );
}

function superAdminsView(people: readonly SuperAdmin[]): View {
  return {
    kind: "table",
    columns: [{ title: "ID" }, { title: "E-MAIL", cut: true }],
    rows: people.map(({ userId, email }) => [userId, email]),
    empty: "No super administrators.",
  };
}
