import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@portcullis/service";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { createMailer } from "./create-mailer.ts";

const from = "Portcullis <portcullis@example.com>";
const link = "https://portcullis.example/verify-email?token=abc_-123";
const mail = { to: "ann@example.com", subject: "Überprüfen", text: `Open this:\n\n${link}\n` };
const signal = () => AbortSignal.timeout(10_000);

interface Received {
  readonly to: readonly string[];
  readonly text: string;
}

/** A mail server that takes what `accept` lets through. */
async function startSmtp(accept: () => Error | null) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const refusal = accept();
        if (refusal === null) {
          received.push({
            to: session.envelope.rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString(),
          });
        }
        done(refusal);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  // A listening TCP server has an address and port.
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, received };
}

function mailerOf(smtpUrl: string | undefined, folder = "", info = (_mail: object) => {}) {
  const mailer = createMailer({ SMTP_URL: smtpUrl, MAIL_FROM: from, MAIL_FOLDER: folder }, newId, { info });
  onTestFinished(() => mailer.close());
  return mailer;
}

test("a mail server gets the mail, with its link in one piece", async () => {
  const smtp = await startSmtp(() => null);
  await mailerOf(smtp.url).send(mail, signal());
  expect(smtp.received.map(({ to }) => to)).toEqual([["ann@example.com"]]);
  const parsed = await PostalMime.parse(smtp.received[0]?.text ?? "");
  expect(parsed.from).toMatchObject({ address: "portcullis@example.com", name: "Portcullis" });
  expect(parsed.subject).toBe(mail.subject);
  expect(parsed.text).toContain(link);
});

test("a mail that the server refuses is not taken for sent, and the next one is sent", async () => {
  let isFull = true;
  const smtp = await startSmtp(() => (isFull ? new Error("mailbox full") : null));
  const mailer = mailerOf(smtp.url);
  await expect(mailer.send(mail, signal())).rejects.toThrow("mailbox full");
  isFull = false;
  await mailer.send(mail, signal());
  expect(smtp.received).toHaveLength(1);
});

test("an address that holds several goes to nobody else", async () => {
  const smtp = await startSmtp(() => null);
  const to = "ann@example.com, eve@example.com";
  await mailerOf(smtp.url)
    .send({ ...mail, to }, signal())
    .catch(() => {});
  expect(smtp.received.flatMap((one) => one.to)).not.toContain("eve@example.com");
});

test("without a mail server the mail is a file for its owner's eyes, and its link is told", async () => {
  const parent = await mkdtemp(join(tmpdir(), "portcullis-mail-test-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = join(parent, "mails");
  const told: object[] = [];
  await mailerOf(undefined, folder, (written) => told.push(written)).send(mail, signal());
  const [file = ""] = await readdir(folder);
  expect(told).toEqual([{ to: mail.to, file: join(folder, file), link }]);
  const parsed = await PostalMime.parse(await readFile(join(folder, file)));
  expect(parsed.text).toContain(link);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
});
