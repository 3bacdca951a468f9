import {
  BatchGetHoldingsResponseSchema,
  GrantPermissionsResponseSchema,
  RevokePermissionsResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { type Command, Option } from "commander";
import { principalForms, resolvePrincipals } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, collect, withChangeOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";

interface ToOptions extends ChangeOptions {
  readonly to: readonly string[];
}

interface FromOptions extends TakeAwayOptions {
  readonly from: readonly string[];
}

/** Adds `grant`, `revoke` and `held`. */
export function addPermissionGrants(command: Command, runner: Runner): void {
  const who = (flag: string) =>
    new Option(`--${flag} <principal>`, `${principalForms}; may be given several times`)
      .argParser(collect)
      .makeOptionMandatory();
  withExamples(
    withChangeOptions(command.command("grant")),
    "portcullis permission grant identity.members.read --to ann@example.com --to sa::build-bot",
  )
    .description("give permissions directly, beside what is held; all or none")
    .argument("<permission...>", "as `portcullis permission list` shows them")
    .addOption(who("to"))
    .action(runner.withSession(grant));
  withExamples(
    withTakeAwayOptions(command.command("revoke")),
    "portcullis permission revoke identity.members.read --from sa::build-bot --receipt revoked.json",
  )
    .description("take permissions that were given directly; what roles and groups give stays")
    .argument("<permission...>", "as `portcullis permission list` shows them")
    .addOption(who("from"))
    .action(runner.withSession(revoke));
  withExamples(command.command("held"), "portcullis permission held ann@example.com sa::build-bot")
    .description("tell what principals were given: directly, by roles and by groups")
    .argument("<principal...>", principalForms)
    .action(runner.withSession(held));
}

async function grant(session: Session, permissionIds: string[], options: ToOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, options.to);
  const response = await session.change(options, (requestId, call) =>
    clients.grants.grantPermissions({ accountId, principalIds, permissionIds, requestId }, call),
  );
  printer.answer(GrantPermissionsResponseSchema, response, () =>
    doneView(`${principalIds.join(", ")}: ${permissionIds.join(", ")} granted.`),
  );
}

async function revoke(session: Session, permissionIds: string[], options: FromOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, options.from);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.grants.revokePermissions({ accountId, principalIds, permissionIds, requestId }, call),
  );
  printer.answer(RevokePermissionsResponseSchema, response, ({ receipt }) =>
    doneView(`${principalIds.join(", ")}: ${permissionIds.join(", ")} revoked.`, receipt),
  );
}

async function held(session: Session, who: string[]): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const principalIds = await resolvePrincipals(session, who);
  const response = await session.read((call) =>
    clients.grants.batchGetHoldings({ accountId, principalIds }, call),
  );
  printer.answer(BatchGetHoldingsResponseSchema, response, ({ holdings }) => ({
    kind: "table",
    columns: [
      { title: "PRINCIPAL" },
      { title: "DIRECTLY", cut: true },
      { title: "MEMBERSHIP", cut: true },
      { title: "ROLES", cut: true },
      { title: "GROUPS", cut: true },
    ],
    rows: holdings.map((of) => [
      of.principalId,
      of.directPermissionIds.join(", "),
      of.boundRoleIds.join(", "),
      of.assignedRoleIds.join(", "),
      of.groupIds.join(", "),
    ]),
    empty: "They are unknown or deleted.",
  }));
}
