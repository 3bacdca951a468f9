import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import { startTethered, type Tethered } from "@portcullis/tether";

const servicesFolder = join(import.meta.dirname, "../../../services");
const readyMsMax = 30_000;

/** One replica of a service, as a process of its own, which a test can stop, kill and start again. */
export class ServiceProcess {
  readonly name: string;
  readonly port: number;
  /** Everything that it has logged. */
  readonly log: string[] = [];
  readonly #environment: Readonly<Record<string, string>>;
  #process: Tethered | undefined;

  constructor(name: string, port: number, environment: Readonly<Record<string, string>>) {
    this.name = name;
    this.port = port;
    this.#environment = { ...environment, PORT: String(port) };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Undefined before its first start. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Another replica, which is to be started and stopped for itself. */
  twin(port: number, environment: Readonly<Record<string, string>> = {}): ServiceProcess {
    return new ServiceProcess(this.name, port, { ...this.#environment, ...environment });
  }

  /** Starts it, and resolves when it answers calls. */
  async start(): Promise<void> {
    const output = (line: string) => void this.log.push(line);
    this.#process = await startTethered({
      command: process.execPath,
      args: [join(servicesFolder, this.name, "main.ts")],
      env: { PATH: process.env.PATH, ...this.#environment },
      signal: "SIGTERM",
      stdout: output,
      stderr: output,
    });
    await this.#untilServing();
  }

  isRunning(): boolean {
    return this.#process?.isRunning() === true;
  }

  /** Asks it to end, and resolves with its exit code when it has. */
  async stop(): Promise<number | null | undefined> {
    return (await this.#process?.stop(20_000))?.code;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** kill -9, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#process?.exited;
  }

  async #untilServing(): Promise<void> {
    const transport = createConnectTransport({ baseUrl: this.url, httpVersion: "1.1" });
    const health = createClient(Health, transport);
    const giveUpAt = Date.now() + readyMsMax;
    for (;;) {
      const answer = await health.check({}, { timeoutMs: 1000 }).catch(() => undefined);
      if (answer?.status === Status.SERVING) return;
      if (!this.isRunning() || Date.now() > giveUpAt) {
        throw new Error(`${this.name} did not start:\n${this.log.slice(-20).join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Runs a service's migrate command. */
export async function migrate(name: string, databaseUrl: string): Promise<void> {
  const run = promisify(execFile);
  await run(process.execPath, [join(servicesFolder, name, "migrate.ts")], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
  });
}
