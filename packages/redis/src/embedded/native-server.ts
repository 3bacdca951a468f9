import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTethered, type Tethered } from "@portcullis/tether";
import type { NativeServer } from "./find-server.ts";

export interface ServerSettings {
  readonly dir: string;
  readonly port: number;
  readonly password: string;
  readonly log: string;
}

/** The password stands in a file that only we can read: arguments are seen by everyone on the machine. */
export async function startNativeServer(server: NativeServer, settings: ServerSettings): Promise<Tethered> {
  const { dir, port, password, log } = settings;
  const config = join(dir, "redis.conf");
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    "protected-mode yes",
    "daemonize no",
    // Redis holds nothing that Postgres doesn't.
    'save ""',
    "appendonly no",
    "maxmemory-policy noeviction",
  ];
  await writeFile(config, `${lines.join("\n")}\n`, { mode: 0o600 });
  return await startTethered({
    command: server.command,
    args: [config],
    cwd: dir,
    signal: "SIGTERM",
    stdout: { appendTo: log },
    stderr: { appendTo: log },
  });
}
