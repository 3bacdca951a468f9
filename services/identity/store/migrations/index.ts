import { defineMigrations } from "@portcullis/postgres";
import * as identity from "./0001_identity.ts";
import * as people from "./0002_people.ts";
import * as invitations from "./0003_invitations.ts";
import * as accountDeletion from "./0004_account_deletion.ts";
import * as mfaRequired from "./0005_mfa_required.ts";
import * as receipts from "./0050_receipts.ts";

/** All migrations of identity's database, in order. */
export const migrations = defineMigrations({
  "0001_identity": identity,
  "0002_people": people,
  "0003_invitations": invitations,
  "0004_account_deletion": accountDeletion,
  "0005_mfa_required": mfaRequired,
  "0050_receipts": receipts,
});
