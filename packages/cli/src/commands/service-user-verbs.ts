import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import type { Dependents } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import {
  ActivateServiceUserResponseSchema,
  DeactivateServiceUserResponseSchema,
  DeleteServiceUserResponseSchema,
  LockServiceUserResponseSchema,
  type ServiceUser,
  UnlockServiceUserResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import type { Command } from "commander";
import type { Clients } from "../call/clients.ts";
import { serviceUserRef } from "../call/principal.ts";
import { type ConsentOptions, requireConsent } from "../input/consent.ts";
import { withExamples } from "../input/example.ts";
import { type EtagOptions, withEtagOptions } from "../input/options.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { dryRunView, serviceUserView } from "./service-user-view.ts";

interface VerbOptions extends EtagOptions, ReceiptOptions, ConsentOptions {
  readonly dryRun?: true;
}

interface VerbRequest {
  readonly accountId: string;
  readonly serviceUserId: string;
  readonly etag: string;
  readonly requestId: string;
  /** Only for verbs that take access away. */
  readonly validateOnly: boolean;
}

type VerbResponse = Message & {
  readonly serviceUser?: ServiceUser | undefined;
  readonly dependents?: readonly Dependents[];
  readonly receipt?: RevocationReceipt | undefined;
};

/** A verb: what its RPC is, and what it answers. */
interface Verb<Desc extends DescMessage> {
  readonly name: string;
  readonly description: string;
  readonly takesAccessAway: boolean;
  readonly desc: Desc;
  readonly call: (
    clients: Clients,
    request: VerbRequest,
    options: CallOptions,
  ) => Promise<MessageShape<Desc> & VerbResponse>;
}

/** Adds the verbs that change a service user's state. */
export function addServiceUserVerbs(command: Command, runner: Runner): void {
  addVerb(command, runner, {
    name: "activate",
    description: "let an inactive service user's credentials work again",
    takesAccessAway: false,
    desc: ActivateServiceUserResponseSchema,
    call: ({ serviceUsers }, request, options) => serviceUsers.activateServiceUser(request, options),
  });
  addVerb(command, runner, {
    name: "deactivate",
    description: "refuse every credential of a service user from now on, and keep them",
    takesAccessAway: true,
    desc: DeactivateServiceUserResponseSchema,
    call: ({ serviceUsers }, request, options) => serviceUsers.deactivateServiceUser(request, options),
  });
  addVerb(command, runner, {
    name: "lock",
    description: "deactivate so that the account can't undo it; for operators",
    takesAccessAway: true,
    desc: LockServiceUserResponseSchema,
    call: ({ serviceUsers }, request, options) => serviceUsers.lockServiceUser(request, options),
  });
  addVerb(command, runner, {
    name: "unlock",
    description: "take a lock away; for operators",
    takesAccessAway: false,
    desc: UnlockServiceUserResponseSchema,
    call: ({ serviceUsers }, request, options) => serviceUsers.unlockServiceUser(request, options),
  });
  const deletion = addVerb(command, runner, {
    name: "delete",
    description: "delete a service user and all its credentials, for ever",
    takesAccessAway: true,
    desc: DeleteServiceUserResponseSchema,
    call: ({ serviceUsers }, request, options) => serviceUsers.deleteServiceUser(request, options),
  });
  deletion.option("--yes", "do not ask");
}

function addVerb<Desc extends DescMessage>(command: Command, runner: Runner, verb: Verb<Desc>): Command {
  const consent = verb.name === "delete" ? " --yes" : "";
  const added = withExamples(
    withEtagOptions(command.command(verb.name)),
    `portcullis service-user ${verb.name} sa::build-bot${consent}`,
  )
    .description(verb.description)
    .argument("<ref>", "the id svc_... or the address sa::<name>");
  if (verb.takesAccessAway) {
    withReceiptOption(added).option("--dry-run", "change nothing; tell what would stop working");
  }
  return added.action(
    runner.withSession(async (session, ref: string, options: VerbOptions) => {
      if (verb.name === "delete" && !options.dryRun) {
        await requireConsent(session.terminal, `Delete ${ref} and all its credentials for ever?`, options);
      }
      const request = {
        accountId: session.account,
        serviceUserId: serviceUserRef(ref),
        etag: options.etag ?? "",
      };
      const response = options.dryRun
        ? await session.read((call) =>
            verb.call(session.clients, { ...request, requestId: "", validateOnly: true }, call),
          )
        : await keepReceipt(session.printer, options, () =>
            session.change(options, (requestId, call) =>
              verb.call(session.clients, { ...request, requestId, validateOnly: false }, call),
            ),
          );
      session.printer.answer<Desc>(verb.desc, response, () =>
        options.dryRun
          ? dryRunView(response.serviceUser, response.dependents ?? [])
          : serviceUserView(response.serviceUser, response.receipt),
      );
      if (options.dryRun) session.printer.note("This was a dry run: nothing was changed.");
    }),
  );
}
