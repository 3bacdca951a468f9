// better-auth's API keys in SQLite, verified in the process: no network. Its rate limit, on by default, is off.
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { measureLater } from "./measure.ts";

const count = Number(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), "portcullis-bench-better-auth-"));
const database = new DatabaseSync(join(folder, "auth.db"));
try {
  database.exec("pragma journal_mode = wal; pragma synchronous = normal");
  const options = {
    database,
    secret: randomBytes(32).toString("hex"),
    baseURL: "http://127.0.0.1",
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  };
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  const { user } = await auth.api.signUpEmail({
    body: { email: "owner@example.com", password: randomBytes(16).toString("hex"), name: "Owner" },
  });
  const first = await auth.api.createApiKey({ body: { userId: user.id } });
  const keys = [first.key, ...copyKey(first.id, count - 1)];
  // One at a time: SQLite answers at once, so more of them would only wait for each other.
  await measureLater(async (index) => {
    const { valid } = await auth.api.verifyApiKey({ body: { key: keys[(index * 7_919) % count] ?? "" } });
    if (!valid) throw new Error("better-auth was asked wrongly");
  }, 1);
} finally {
  database.close();
  await rm(folder, { recursive: true, force: true });
}

/** More like the first; better-auth itself would take a millisecond for each. */
function copyKey(id: string, copies: number): readonly string[] {
  const columns = database.prepare("select name from pragma_table_info('apikey')").all();
  const others = columns.map(({ name }) => `"${String(name)}"`).filter((name) => !/^"(id|key)"$/.test(name));
  const copy = database.prepare(
    `insert into apikey (id, key, ${others.join(", ")}) select ?, ?, ${others.join(", ")} from apikey where id = ?`,
  );
  database.exec("begin");
  const keys = Array.from({ length: copies }, (_, index) => {
    const key = randomBytes(32).toString("hex");
    copy.run(`copy${index}`, createHash("sha256").update(key).digest("base64url"), id);
    return key;
  });
  database.exec("commit");
  return keys;
}
