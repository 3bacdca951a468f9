import { defineMigrations } from "@portcullis/postgres";
import * as identity from "./0001_identity.ts";
import * as people from "./0002_people.ts";

/** All migrations of identity's database, in order. */
export const migrations = defineMigrations({ "0001_identity": identity, "0002_people": people });
