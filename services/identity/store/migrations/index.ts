import { defineMigrations } from "@portcullis/postgres";
import * as identity from "./0001_identity.ts";
import * as people from "./0002_people.ts";
import * as invitations from "./0003_invitations.ts";
import * as accountDeletion from "./0004_account_deletion.ts";
import * as mfaRequired from "./0005_mfa_required.ts";
import * as sessionsWithoutMfa from "./0006_sessions_without_mfa.ts";
import * as secondFactorGuesses from "./0007_second_factor_guesses.ts";
import * as accountStates from "./0008_account_states.ts";
import * as receipts from "./0050_receipts.ts";
import * as lastSignIn from "./0060_last_sign_in.ts";

/** All migrations of identity's database, in order. */
export const migrations = defineMigrations({
  "0001_identity": identity,
  "0002_people": people,
  "0003_invitations": invitations,
  "0004_account_deletion": accountDeletion,
  "0005_mfa_required": mfaRequired,
  "0006_sessions_without_mfa": sessionsWithoutMfa,
  "0007_second_factor_guesses": secondFactorGuesses,
  "0008_account_states": accountStates,
  "0050_receipts": receipts,
  "0060_last_sign_in": lastSignIn,
});
