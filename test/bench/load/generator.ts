import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LoadPlan, Measured, Order } from "./load.ts";

/** The load generator's process. */
export class Generator {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const script = join(import.meta.dirname, "load.ts");
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  connect(name: string, plan: LoadPlan): void {
    this.#order({ connect: name, plan });
  }

  reconnect(name: string, authorization: string): void {
    this.#order({ reconnect: name, authorization });
  }

  async load(name: string, ms: number, rate?: number): Promise<Measured> {
    this.#order({ load: name, ms, ...(rate === undefined ? {} : { rate }) });
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the load has ended");
    return JSON.parse(value) as Measured;
  }

  close(): void {
    this.#child.kill();
  }

  #order(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}
