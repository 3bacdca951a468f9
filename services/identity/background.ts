import type { ServerOptions } from "@portcullis/service";
import { relayOnce } from "./domain/relay.ts";
import { sendMailsOnce } from "./domain/send-mails.ts";
import { relaySessionEndsOnce } from "./domain/session-ends.ts";
import { type Loop, startLoop } from "./loop.ts";
import type { IdentityDeps } from "./rpc/deps.ts";

export interface BackgroundDeps extends IdentityDeps {
  /** Seals some of the secrets that are not with the present key, and tells how many there were. */
  readonly resealSecrets: (signal: AbortSignal) => Promise<number>;
}

/** Delivers what enforcers owe, sends mails, and seals secrets, until it is stopped. Every replica does. */
export function startBackground(deps: BackgroundDeps, log: ServerOptions["log"]): Loop {
  const failed =
    (message: string) =>
    (error: unknown, debt: object = {}) =>
      log.warn({ err: error, ...debt }, message);
  const relayFailed = failed("an enforcer could not be told; it will be tried again");
  const endFailed = failed("sessions could not be ended; it will be tried again");
  const mailFailed = failed("a mail could not be sent; it will be tried again");
  const sealFailed = failed("secrets could not be sealed with the present key; it will be tried again");
  const loops = [
    startLoop(
      (signal) => relayOnce(deps, (debt, error) => relayFailed(error, debt), signal),
      (error) => relayFailed(error),
    ),
    startLoop((signal) => relaySessionEndsOnce(deps, endFailed, signal), endFailed),
    startLoop((signal) => sendMailsOnce(deps, mailFailed, signal), mailFailed),
    startLoop(deps.resealSecrets, sealFailed),
  ];
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}
