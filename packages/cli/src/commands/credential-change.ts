import {
  DeleteCredentialResponseSchema,
  RevokeCredentialResponseSchema,
  UpdateCredentialResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { type Command, Option } from "commander";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import { collect, type EtagOptions, withEtagOptions } from "../input/options.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { credentialView } from "./credential-view.ts";
import { doneView } from "./in-force-view.ts";

/** What every change that takes access away takes. */
interface EndOptions extends EtagOptions, ReceiptOptions {}

interface UpdateOptions extends EndOptions {
  readonly description?: string;
  readonly metadata?: string;
  readonly acl?: readonly string[];
  readonly clearAcl?: true;
  readonly allowIp?: readonly string[];
  readonly clearAllowIp?: true;
}

/** Adds `update`, `revoke` and `delete`. */
export function addCredentialChanges(command: Command, runner: Runner): void {
  const example = (rest: string) => `portcullis credential ${rest}`;
  withExamples(
    withReceiptOption(withEtagOptions(command.command("update"))),
    example("update cred_01h455vb4pex5vsknk084sn02q --acl 'bind:app.example.com'"),
  )
    .description("change a credential; --acl and --allow-ip replace what was there")
    .argument("<id>", "cred_...")
    .option("--description <text>", "the new description")
    .option("--metadata <text>", "the new metadata")
    .addOption(new Option("--acl <rule>", "the new rules; may be given several times").argParser(collect))
    .addOption(new Option("--clear-acl", "no rules: it may be used for everything").conflicts("acl"))
    .addOption(
      new Option("--allow-ip <range>", "the new ranges; may be given several times").argParser(collect),
    )
    .addOption(new Option("--clear-allow-ip", "no ranges: it works from anywhere").conflicts("allowIp"))
    .action(runner.withSession(update));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("revoke"))),
    example("revoke cred_01h455vb4pex5vsknk084sn02q --receipt revoked.json"),
  )
    .description("refuse a credential for ever from now on, and keep it in lists")
    .argument("<id>", "cred_...")
    .action(runner.withSession(revoke));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("delete"))),
    example("delete cred_01h455vb4pex5vsknk084sn02q"),
  )
    .description("delete a credential for ever")
    .argument("<id>", "cred_...")
    .action(runner.withSession(remove));
}

async function update(session: Session, credentialId: string, options: UpdateOptions): Promise<void> {
  const { description, metadata, etag = "" } = options;
  const aclRules = options.clearAcl ? [] : options.acl;
  const allowedIpRanges = options.clearAllowIp ? [] : options.allowIp;
  const request = {
    accountId: session.account,
    credentialId,
    description: description ?? "",
    metadata: metadata ?? "",
    aclRules: [...(aclRules ?? [])],
    allowedIpRanges: [...(allowedIpRanges ?? [])],
    updateMask: maskOf({ description, metadata, acl_rules: aclRules, allowed_ip_ranges: allowedIpRanges }),
    etag,
  };
  const response = await keepReceipt(session.printer, options, () =>
    session.change(options, (requestId, call) =>
      session.clients.credentials.updateCredential({ ...request, requestId }, call),
    ),
  );
  session.printer.answer(UpdateCredentialResponseSchema, response, ({ credential, receipt }) =>
    credentialView(credential, receipt),
  );
}

async function revoke(
  session: Session,
  credentialId: string,
  { etag = "", ...options }: EndOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const response = await keepReceipt(printer, options, () =>
    session.change(options, (requestId, call) =>
      clients.credentials.revokeCredential({ accountId, credentialId, etag, requestId }, call),
    ),
  );
  printer.answer(RevokeCredentialResponseSchema, response, ({ credential, receipt }) =>
    credentialView(credential, receipt),
  );
}

async function remove(
  session: Session,
  credentialId: string,
  { etag = "", ...options }: EndOptions,
): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const response = await keepReceipt(printer, options, () =>
    session.change(options, (requestId, call) =>
      clients.credentials.deleteCredential({ accountId, credentialId, etag, requestId }, call),
    ),
  );
  printer.answer(DeleteCredentialResponseSchema, response, ({ receipt }) =>
    doneView(`Deleted ${credentialId}.`, receipt),
  );
}
