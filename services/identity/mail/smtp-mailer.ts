import { createTransport } from "nodemailer";
import type { Mailer } from "../domain/people-ports.ts";

const timeoutMs = 10_000;

/** Hands mails to an SMTP server: `smtp://` (STARTTLS where offered) or `smtps://`, with user and password in the URL. */
export function createSmtpMailer(url: string, from: string): Mailer & { close(): void } {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // A mail of ours has no attachment, whatever is in its text.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text }, signal) {
      signal.throwIfAborted();
      // As an object: a text would be read as a list of addresses.
      await transport.sendMail({ from, to: { name: "", address: to }, subject, text });
    },
    close: () => transport.close(),
  };
}
