import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Mailer } from "../domain/people-ports.ts";

/** Told of each mail, with its link: development only, where nobody else reads the log. */
export type OnWritten = (mail: { readonly to: string; readonly file: string; readonly link: string }) => void;

/** For development, without a mail server: writes mails as .eml files that only the user of the process may read. */
export function createFolderMailer(
  folder: string,
  from: string,
  newId: (prefix: string) => string,
  onWritten: OnWritten,
): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    async send({ to, subject, text }) {
      const { message } = await transport.sendMail({ from, to: { name: "", address: to }, subject, text });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${newId("mail")}.eml`);
      await writeFile(file, message, { mode: 0o600 });
      onWritten({ to, file, link: /https?:\/\/\S+/.exec(text)?.[0] ?? "" });
    },
  };
}
