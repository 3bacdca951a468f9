import process from "node:process";
import type { Logger } from "pino";
import { ConfigError } from "./config.ts";

/** Something that runs and can be asked to end. */
export interface Running {
  /** Resolves when everything in flight is answered and everything opened is closed. */
  close(): Promise<void>;
}

/**
 * Runs a service as this process: starts it, and on SIGTERM or SIGINT closes it and exits with 0. A
 * configuration that is wrong or a start that fails is told in words and exits with 1; a fault that nobody
 * caught exits with 70 after closing, for it leaves the process in an unknown state.
 */
export async function runService(log: Logger, start: () => Promise<Running>): Promise<void> {
  let running: Running | undefined;
  let isEnding = false;
  const end = async (code: number) => {
    if (isEnding) return;
    isEnding = true;
    try {
      await running?.close();
    } catch (error) {
      log.error({ err: error }, "closing failed");
    }
    process.exit(code);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      log.info({ signal }, "stopping");
      void end(0);
    });
  }
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error, event }, "fault");
      void end(70);
    });
  }
  try {
    running = await start();
  } catch (error) {
    log.fatal({ err: error }, "could not start");
    await end(1);
  }
}

/** Reads the configuration, or ends the process with its problems on standard error. */
export function configOrExit<Config>(read: () => Config): Config {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
