import type { Mailer } from "../domain/people-ports.ts";

type Mail = Parameters<Mailer["send"]>[0];

/** Keeps mails, and can refuse them. */
export class MemoryMailer implements Mailer {
  isReachable = true;
  readonly sent: Mail[] = [];

  async send(mail: Mail): Promise<void> {
    if (!this.isReachable) throw new Error("the mail server is not there");
    this.sent.push(mail);
  }

  to(address: string): readonly Mail[] {
    return this.sent.filter(({ to }) => to === address);
  }

  /** Of the link in the last mail to the address. */
  tokenTo(address: string): string {
    const link = /https?:\/\/\S+/.exec(this.to(address).at(-1)?.text ?? "")?.[0] ?? "";
    return (URL.canParse(link) ? new URL(link).searchParams.get("token") : null) ?? "";
  }
}
