import {
  CreateServiceUserResponseSchema,
  UpdateServiceUserResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import type { Command } from "commander";
import { serviceUserRef } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import {
  type ChangeOptions,
  type EtagOptions,
  withChangeOptions,
  withEtagOptions,
} from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { serviceUserView } from "./service-user-view.ts";

interface CreateOptions extends ChangeOptions {
  readonly description?: string;
}

interface UpdateOptions extends EtagOptions {
  readonly name?: string;
  readonly description?: string;
}

/** Adds `create` and `update`. */
export function addServiceUserChanges(command: Command, runner: Runner): void {
  withExamples(
    withChangeOptions(command.command("create")),
    'portcullis service-user create build-bot --description "builds and deploys"',
  )
    .description("create a service user, active and without credentials")
    .argument("<name>", "unique in the account without regard to case")
    .option("--description <text>", "what it is for")
    .action(runner.withSession(create));
  withExamples(
    withEtagOptions(command.command("update")),
    "portcullis service-user update sa::build-bot --name deploy-bot",
  )
    .description("change a service user's name or description")
    .argument("<ref>", "the id svc_... or the address sa::<name>")
    .option("--name <name>", "the new name")
    .option("--description <text>", "the new description")
    .action(runner.withSession(update));
}

async function create(session: Session, name: string, options: CreateOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { description = "" } = options;
  const response = await session.change(options, (requestId, call) =>
    clients.serviceUsers.createServiceUser({ accountId, name, description, requestId }, call),
  );
  printer.answer(CreateServiceUserResponseSchema, response, ({ serviceUser }) =>
    serviceUserView(serviceUser),
  );
}

async function update(session: Session, ref: string, options: UpdateOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const { name = "", description = "", etag = "" } = options;
  const updateMask = maskOf({ name: options.name, description: options.description });
  const serviceUserId = serviceUserRef(ref);
  const response = await session.change(options, (requestId, call) =>
    clients.serviceUsers.updateServiceUser(
      { accountId, serviceUserId, name, description, updateMask, etag, requestId },
      call,
    ),
  );
  printer.answer(UpdateServiceUserResponseSchema, response, ({ serviceUser }) =>
    serviceUserView(serviceUser),
  );
}
