import { homedir } from "node:os";
import process from "node:process";
import { exitCode } from "./errors.ts";
import { run } from "./run.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader has seen enough: `portcullis … | head`. What was done is done.
    if (error.code !== "EPIPE") process.exitCode = exitCode.error;
  });
}

process.exitCode = await run(
  {
    environment: process.env,
    homeFolder: homedir(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  },
  process.argv.slice(2),
);
