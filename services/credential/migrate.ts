import { runMigrateCommand } from "@portcullis/postgres";
import { migrations } from "./store/migrations/index.ts";

await runMigrateCommand("credential", migrations);
