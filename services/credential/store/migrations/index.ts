import { defineMigrations } from "@portcullis/postgres";
import * as credential from "./0001_credential.ts";
import * as sessions from "./0002_sessions.ts";
import * as accounts from "./0003_accounts.ts";
import * as coherence from "./0004_coherence.ts";
import * as receipts from "./0050_receipts.ts";
import * as lastUse from "./0051_last_use.ts";

/** All migrations of the credential service's database, in order. */
export const migrations = defineMigrations({
  "0001_credential": credential,
  "0002_sessions": sessions,
  "0003_accounts": accounts,
  "0004_coherence": coherence,
  "0050_receipts": receipts,
  "0051_last_use": lastUse,
});
