import type { Touched } from "@portcullis/coherence/postgres";
import { DomainError } from "@portcullis/errors";
import { appendAudit, holdAccount, isUniqueViolation } from "@portcullis/postgres";
import type { Transaction } from "kysely";
import type { Mutation } from "../domain/mutation.ts";
import type { Clock, NewId, Tx } from "../domain/ports.ts";
import { selectCredential } from "./postgres-credentials.ts";
import { deleteSessions } from "./postgres-sessions.ts";
import { fromCredential, fromSession, toCredential, toPrincipal } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { credentialScope, endedScopes, locatorScope } from "./scopes.ts";

export interface TxDeps {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** The domain's view of a transaction. */
export function createTx(trx: Transaction<Schema>, touched: Touched, mutation: Mutation, deps: TxDeps): Tx {
  return {
    holdAccount: (accountId) => holdAccount(trx, accountId),
    async holdPrincipal(ref) {
      const row = await trx
        .selectFrom("principals")
        .selectAll()
        .where("account_id", "=", ref.accountId)
        .where("principal_id", "=", ref.principalId)
        .forShare()
        .executeTakeFirst();
      return row && toPrincipal(row);
    },
    async lockCredential(accountId, id) {
      const row = await selectCredential(trx, accountId, id).forUpdate().executeTakeFirst();
      return row && toCredential(row);
    },
    async insertCredential(credential) {
      // A key may have been shown before it was registered; a token's random half nobody can have asked about.
      if (credential.proof.kind === "ssh_key") touched.add(locatorScope(credential.locator));
      else touched.addsOnly();
      const row = fromCredential(credential);
      const { locator, account_id, id } = row;
      await trx.insertInto("credentials").values(row).execute();
      const session = fromSession(credential);
      if (session !== undefined) await trx.insertInto("sessions").values(session).execute();
      await locatorsStayUnique(
        trx.insertInto("credential_locators").values({ locator, account_id, credential_id: id }).execute(),
      );
    },
    async updateCredential(credential) {
      touched.add(credentialScope(credential));
      const { account_id, id, ...columns } = fromCredential(credential);
      await trx
        .updateTable("credentials")
        .set(columns)
        .where("account_id", "=", account_id)
        .where("id", "=", id)
        .execute();
    },
    async deleteCredential({ accountId, id, locator }) {
      touched.add(credentialScope({ accountId, id }));
      await trx.deleteFrom("credentials").where("account_id", "=", accountId).where("id", "=", id).execute();
      await trx.deleteFrom("credential_locators").where("locator", "=", locator).execute();
    },
    async deleteSessions(selection) {
      const ended = await deleteSessions(trx, selection);
      touched.add(...endedScopes(selection, ended));
      return ended;
    },
    async audit(event) {
      await appendAudit(trx, {
        ...event,
        id: deps.newId("evt"),
        occurredAt: deps.clock(),
        actor: mutation.actor,
      });
    },
  };
}

/** Only SSH keys can clash: a token's key id is 131 random bits. */
async function locatorsStayUnique(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isUniqueViolation(error, "credential_locators_pkey")) throw error;
    throw new DomainError(
      "SSH_KEY_TAKEN",
      "This SSH key is registered already, here or in another account. Use another key, or delete the credential that has it.",
      { cause: error },
    );
  }
}
