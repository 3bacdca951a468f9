import type { Mailer } from "../domain/people-ports.ts";
import { createFolderMailer } from "./folder-mailer.ts";
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
  log: { info(written: object, message: string): void },
): Mailer & { close(): void } {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, MAIL_FOLDER: folder } = config;
  if (smtpUrl !== undefined) return createSmtpMailer(smtpUrl, from);
  const mailer = createFolderMailer(folder, from, newId, (written) =>
    log.info(written, "development: a mail was written to a file; its link works once"),
  );
  return { ...mailer, close: () => {} };
}
