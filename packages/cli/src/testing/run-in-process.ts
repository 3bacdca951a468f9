import { Readable, Writable } from "node:stream";
import { run } from "../run.ts";
import type { Terminal } from "../terminal.ts";
import type { AnyService } from "./any-service.ts";
import { testApiKey } from "./environment.ts";
import type { Ended } from "./run-cli.ts";

/** Runs the command line against a service without a process of its own, which is much quicker. */
export async function runInProcess(service: AnyService, args: readonly string[], stdin = ""): Promise<Ended> {
  const [stdout, stderr] = [collecting(), collecting()];
  const terminal: Terminal = {
    environment: {
      PORTCULLIS_API_KEY: testApiKey,
      PORTCULLIS_URL: service.url,
      PORTCULLIS_CONFIG: "/nonexistent/config.json",
    },
    homeFolder: "/nonexistent",
    stdin: Readable.from(stdin === "" ? [] : [stdin]),
    stdout: stdout.stream,
    stderr: stderr.stream,
  };
  const code = await run(terminal, args);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collecting() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}
