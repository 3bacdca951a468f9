import type { Mailer } from "../domain/people-ports.ts";
import { createFolderMailer, type OnWritten } from "./folder-mailer.ts";
import { createSmtpMailer } from "./smtp-mailer.ts";

export interface MailOptions {
  /** Undefined: mails are written to a folder, which production refuses. */
  readonly smtpUrl: string | undefined;
  readonly from: string;
  readonly folder: string;
  readonly newId: (prefix: string) => string;
  readonly onWritten: OnWritten;
}

/** The mailer that the configuration asks for. */
export function createMailer(options: MailOptions): Mailer & { close(): void } {
  const { smtpUrl, from, folder, newId, onWritten } = options;
  return smtpUrl === undefined
    ? { ...createFolderMailer(folder, from, newId, onWritten), close: () => {} }
    : createSmtpMailer(smtpUrl, from);
}
