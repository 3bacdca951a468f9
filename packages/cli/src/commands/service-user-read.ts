import { create } from "@bufbuild/protobuf";
import {
  GetServiceUserResponseSchema,
  ListServiceUsersResponseSchema,
  ServiceUserState,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { type Command, Option } from "commander";
import { noteIfMore, readPages } from "../call/pages.ts";
import { serviceUserRef } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { collectWords, type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { serviceUsersView, serviceUserView } from "./service-user-view.ts";

const states = new Map<string, ServiceUserState>([
  ["active", ServiceUserState.ACTIVE],
  ["inactive", ServiceUserState.INACTIVE],
  ["locked", ServiceUserState.LOCKED],
]);

interface ListServiceUsersOptions extends ListOptions {
  readonly state?: readonly ServiceUserState[];
  readonly namePrefix?: string;
}

/** Adds `get` and `list`. */
export function addServiceUserReads(command: Command, runner: Runner): void {
  withExamples(command.command("get"), "portcullis service-user get sa::build-bot")
    .description("show a service user")
    .argument("<ref>", "the id svc_... or the address sa::<name>")
    .action(runner.withSession(get));
  withExamples(
    withListOptions(command.command("list")),
    "portcullis service-user list --state inactive --all",
  )
    .description("list service users, newest first")
    .addOption(
      new Option("--state <state>", "active, inactive or locked; may be given several times").argParser(
        collectWords(states),
      ),
    )
    .option("--name-prefix <text>", "whose name begins with this, without regard to case")
    .action(runner.withSession(list));
}

async function get(session: Session, ref: string): Promise<void> {
  const request = { accountId: session.account, serviceUserId: serviceUserRef(ref) };
  const response = await session.read((call) => session.clients.serviceUsers.getServiceUser(request, call));
  session.printer.answer(GetServiceUserResponseSchema, response, ({ serviceUser }) =>
    serviceUserView(serviceUser),
  );
}

async function list(session: Session, options: ListServiceUsersOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const filter = { states: [...(options.state ?? [])], namePrefix: options.namePrefix ?? "" };
  const { items: serviceUsers, nextPageToken } = await readPages(options, async (pageSize, pageToken) => {
    const request = { accountId, pageSize, pageToken, filter };
    const page = await session.read((call) => clients.serviceUsers.listServiceUsers(request, call));
    return { items: page.serviceUsers, nextPageToken: page.nextPageToken };
  });
  const response = create(ListServiceUsersResponseSchema, { serviceUsers, nextPageToken });
  printer.answer(ListServiceUsersResponseSchema, response, () => serviceUsersView(serviceUsers));
  noteIfMore(printer, nextPageToken);
}
