import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { type Endpoint, endpointOf } from "./endpoints.ts";
import type { LauncherError } from "./launcher-error.ts";

/** What there is to tell when everything serves. */
export interface Ready {
  readonly release: string;
  readonly root: string;
  readonly endpoints: readonly Endpoint[];
  readonly postgresPort: number;
  readonly redis: string;
  readonly seconds: number;
  readonly isFirstStart: boolean;
  readonly apiKey: string | undefined;
}

type Style = Parameters<typeof styleText>[0];

/** Speaks to the user: what is ready on standard output, all else on standard error. */
export class Output {
  readonly #out: WriteStream;
  readonly #err: WriteStream;
  readonly #json: boolean;

  constructor(out: WriteStream, err: WriteStream, json: boolean) {
    this.#out = out;
    this.#err = err;
    this.#json = json;
    // The terminal may go away first; what was started must be stopped all the same.
    for (const stream of [out, err]) stream.on("error", () => {});
  }

  /** What is going on. */
  progress(text: string): void {
    if (!this.#json) this.#err.write(`${this.#styled("dim", text, this.#err)}\n`);
  }

  logLine(name: string, line: string): void {
    this.#err.write(`${this.#styled("dim", name.padEnd(13), this.#err)} ${line}\n`);
  }

  /** Resolves when it was written, and fails when it could not be. */
  async ready(ready: Ready): Promise<void> {
    const text = this.#json
      ? readyJson(ready)
      : readyText(ready, (style, part) => this.#styled(style, part, this.#out));
    await written(this.#out, `${text}\n`);
  }

  /** Only a key, for an installation that runs already. */
  async apiKey(apiKey: string): Promise<void> {
    await written(
      this.#out,
      this.#json ? `${JSON.stringify({ apiKey })}\n` : `export PORTCULLIS_API_KEY=${apiKey}\n`,
    );
  }

  error({ message, details }: Pick<LauncherError, "message" | "details">): void {
    const lines = [
      `${this.#styled("red", "error:", this.#err)} ${message}`,
      ...details.map((line) => `  ${line}`),
    ];
    this.#err.write(`${lines.join("\n")}\n`);
  }

  /** Only on a terminal that shows colours, and has not asked for none. */
  #styled(style: Style, text: string, stream: WriteStream): string {
    return styleText(style, text, { stream });
  }
}

async function written(stream: WriteStream, text: string): Promise<void> {
  if (stream.destroyed) throw new Error("standard output is closed");
  await new Promise<void>((resolve, reject) =>
    stream.write(text, (error) => (error === undefined || error === null ? resolve() : reject(error))),
  );
}

function readyJson({
  release,
  root,
  endpoints,
  postgresPort,
  redis,
  seconds,
  isFirstStart,
  apiKey,
}: Ready): string {
  return JSON.stringify({
    ready: true,
    pid: process.pid,
    release,
    data: root,
    services: Object.fromEntries(endpoints.map(({ name, url }) => [name, url])),
    dataPlanes: Object.fromEntries(
      endpoints.flatMap(({ name, host, dataPort }) =>
        dataPort === undefined ? [] : [[name, `${host}:${dataPort}`]],
      ),
    ),
    postgres: { port: postgresPort },
    redis,
    seconds,
    firstStart: isFirstStart,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}

function readyText(ready: Ready, styled: (style: Style, text: string) => string): string {
  const rows = [
    ...ready.endpoints.map(({ name, url }) => [name, url]),
    ["postgres", `127.0.0.1:${ready.postgresPort}`],
    ["redis", ready.redis],
    ["data", `${ready.root}, logs in logs/, mails in mail/`],
  ];
  return [
    "",
    styled("bold", `Portcullis ${ready.release} is ready`) + ` after ${ready.seconds.toFixed(1)} s.`,
    "",
    ...rows.map(([name = "", value = ""]) => `  ${styled("dim", name.padEnd(14))} ${value}`),
    "",
    ...keyLines(ready, styled),
    "",
    "Ctrl-C stops all of it. The data stays.",
  ].join("\n");
}

function keyLines(
  { apiKey, endpoints }: Ready,
  styled: (style: Style, text: string) => string,
): readonly string[] {
  if (apiKey === undefined)
    return ["If the API key was lost, stop this and run `npm start -- --new-key` for another."];
  return [
    "Your API key, a super administrator's. It is shown this once:",
    "",
    `  ${styled("green", `export PORTCULLIS_API_KEY=${apiKey}`)}`,
    ...addressLines(endpoints),
    "",
    "Then try:",
    "",
    ...firstCommands.map((command) => `  ${command}`),
  ];
}

const firstCommands = [
  "npx portcullis service-user create build-bot",
  "npx portcullis credential create-authtoken --owner sa::build-bot",
  "npx portcullis service-user deactivate sa::build-bot",
];

/** The command line knows the default addresses by itself; of others the gateway's is enough for it. */
function addressLines(endpoints: readonly Endpoint[]): readonly string[] {
  if (endpoints[0]?.url === "http://127.0.0.1:7401") return [];
  return [`  export PORTCULLIS_URL=${endpointOf(endpoints, "gateway").url}`];
}
