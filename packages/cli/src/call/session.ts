import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallOptions } from "@connectrpc/connect";
import { type GlobalOptions, readSettings, type ServiceName, type Settings } from "../config/settings.ts";
import { CliError } from "../errors.ts";
import { createPrinter, type Printer } from "../output/printer.ts";
import type { Terminal } from "../terminal.ts";
import { type Clients, createClients } from "./clients.ts";
import { ChangeError, repeatUnsettled } from "./repeat.ts";

/** A call failed. The cause is what the client threw. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly service: ServiceName;
  readonly url: string;
  readonly requestId: string;
  readonly apiKeySource: string;
  /** For a change: how to repeat the command without making the change twice. */
  readonly repeatWith: string;

  constructor(
    cause: unknown,
    about: Pick<CallError, "service" | "url" | "requestId" | "apiKeySource" | "repeatWith">,
  ) {
    super("the call failed", { cause });
    this.service = about.service;
    this.url = about.url;
    this.requestId = about.requestId;
    this.apiKeySource = about.apiKeySource;
    this.repeatWith = about.repeatWith;
  }
}

/** How a change is made. */
interface ChangeRequest {
  /** Of an earlier change that is to be repeated. */
  readonly requestId?: string;
  /** Options that must stand in for others in a repeat, for it to be the same request. */
  readonly repeatWith?: string;
}

/** One run of the program: whom it calls, and how it shows what they say. */
export interface Session {
  readonly terminal: Terminal;
  readonly printer: Printer;
  readonly clients: Clients;
  /** The account to name in requests. Empty: the API key's own. */
  readonly account: string;
  /** Makes a call that changes nothing. Rejects with CallError. */
  read<T>(call: (options: CallOptions) => Promise<T>): Promise<T>;
  /**
   * Makes a call that changes something, and repeats it with the same request id while its outcome is
   * unsettled. Rejects with CallError, caused by a ChangeError.
   */
  change<T>(
    request: ChangeRequest,
    call: (requestId: string, options: CallOptions) => Promise<T>,
  ): Promise<T>;
}

/**
 * Opens a session; nothing is called yet. CliError where the settings are wrong or, unless it is `open` and proves
 * nobody, there is no API key.
 */
export async function openSession(
  terminal: Terminal,
  options: GlobalOptions,
  kind: "proven" | "open" = "proven",
): Promise<Session> {
  const printer = createPrinter(terminal, options.json === true);
  const settings = await readSettings(terminal, options, printer.warn);
  let called: ServiceName = "identity";
  const apiKey = kind === "proven" ? requireApiKey(settings) : undefined;
  const clients = createClients(settings, apiKey, (service) => {
    called = service;
  });
  const callError = (cause: unknown, requestId: string, repeatWith = "") =>
    new CallError(cause, {
      service: called,
      url: settings.urls[called],
      requestId,
      apiKeySource: settings.apiKeySource,
      repeatWith,
    });
  return {
    terminal,
    printer,
    clients,
    account: settings.account,
    async read(call) {
      const requestId = randomUUID();
      try {
        return await call(callOptions(requestId, settings.timeoutMs));
      } catch (error) {
        throw callError(error, requestId);
      }
    },
    async change(request, call) {
      const requestId = request.requestId ?? randomUUID();
      try {
        return await repeatUnsettled(
          (timeoutMs) => call(requestId, callOptions(requestId, timeoutMs)),
          settings.timeoutMs,
          systemClock,
        );
      } catch (error) {
        if (!(error instanceof ChangeError)) throw error;
        throw callError(
          error,
          requestId,
          [`--request-id ${requestId}`, request.repeatWith ?? ""].join(" ").trim(),
        );
      }
    },
  };
}

const systemClock = {
  now: () => performance.now(),
  sleep: async (ms: number) => {
    await sleep(ms);
  },
  random: Math.random,
};

/** The same id leads to the call in the service's log. */
function callOptions(requestId: string, timeoutMs: number): CallOptions {
  return { timeoutMs, headers: { "x-request-id": requestId } };
}

function requireApiKey({ apiKey }: Settings): string {
  if (apiKey !== undefined) return apiKey;
  throw new CliError(
    "unauthenticated",
    "No API key is set.",
    "Set PORTCULLIS_API_KEY, or keep one with `portcullis profile set default --api-key-stdin`. " +
      "The first `npm start` shows one; an administrator makes more with `portcullis credential create-api-key`.",
    "CREDENTIALS_MISSING",
  );
}
