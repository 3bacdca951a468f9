import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTethered, type Tethered } from "@portcullis/tether";
import type { ServerSettings } from "./native-server.ts";

const script = fileURLToPath(new URL("./js-server-process.ts", import.meta.url));

/** js-redis-server in a process of its own: development only. */
export async function startJsServer({ dir, port, password, log }: ServerSettings): Promise<Tethered> {
  const config = join(dir, "js-redis.json");
  await writeFile(config, JSON.stringify({ port, password }), { mode: 0o600 });
  return await startTethered({
    command: process.execPath,
    args: [script, config],
    cwd: dir,
    signal: "SIGTERM",
    stdout: { appendTo: log },
    stderr: { appendTo: log },
  });
}
