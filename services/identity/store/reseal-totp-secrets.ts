import type { Kysely } from "kysely";
import { parseUserId } from "../domain/ids.ts";
import type { TotpSecrets } from "../secrets/totp-secrets.ts";
import type { Schema } from "./schema.ts";

const batchSize = 100;

/**
 * Goes once through all people and seals with the present key what is not; each call does some and tells how many,
 * 0 once all are done. One that can't be opened is told, and left as it is.
 */
export function createTotpResealing(
  db: Kysely<Schema>,
  secrets: TotpSecrets,
  log: { warn(failed: object, message: string): void },
): (signal: AbortSignal) => Promise<number> {
  let done = "";
  let isFinished = false;
  return async (signal) => {
    if (isFinished) return 0;
    const rows = await db
      .selectFrom("users")
      .select(["id", "totp_secret"])
      .where("id", ">", done)
      .where("totp_secret", "not like", `${secrets.presentPrefix}%`)
      .orderBy("id")
      .limit(batchSize)
      .execute({ signal });
    for (const { id, totp_secret: kept } of rows) {
      if (kept === null) continue;
      const sealed = attempt(
        () => secrets.reseal(parseUserId(id), kept),
        (err) => log.warn({ err, userId: id }, "the secret of an authenticator app can't be opened"),
      );
      if (sealed === undefined) continue;
      // Unless it has been changed meanwhile.
      await db
        .updateTable("users")
        .set({ totp_secret: sealed })
        .where("id", "=", id)
        .where("totp_secret", "=", kept)
        .execute({ signal });
    }
    done = rows.at(-1)?.id ?? done;
    isFinished = rows.length === 0;
    return rows.length;
  };
}

function attempt<T>(work: () => T, onFailure: (error: unknown) => void): T | undefined {
  try {
    return work();
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}
