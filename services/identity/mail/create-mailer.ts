import type { Mailer } from "../domain/people-ports.ts";
import { createFolderMailer, type OnWritten } from "./folder-mailer.ts";
import { createSmtpMailer } from "./smtp-mailer.ts";

/** The mailer that the configuration asks for. */
export function createMailer(
  config: {
    /** Undefined: mails are written to a folder, which production refuses. */
    readonly SMTP_URL?: string | undefined;
    readonly MAIL_FROM: string;
    readonly MAIL_FOLDER: string;
  },
  newId: (prefix: string) => string,
  onWritten: OnWritten,
): Mailer & { close(): void } {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, MAIL_FOLDER: folder } = config;
  return smtpUrl === undefined
    ? { ...createFolderMailer(folder, from, newId, onWritten), close: () => {} }
    : createSmtpMailer(smtpUrl, from);
}
