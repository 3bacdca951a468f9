import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { expect } from "vitest";

/** The token of the link in the newest mail to an address with this subject, once one has come after `earlier`. */
export async function linkTokenFor(
  mailFolder: string,
  address: string,
  subject: string,
  earlier?: string,
): Promise<string> {
  let token: string | undefined;
  await expect
    .poll(
      async () => {
        token = await find(mailFolder, address, subject);
        return token === earlier ? undefined : token;
      },
      { timeout: 30_000 },
    )
    .toBeDefined();
  return token ?? expect.fail("no mail");
}

async function find(mailFolder: string, address: string, subject: string): Promise<string | undefined> {
  const names = await readdir(mailFolder).catch(() => []);
  // Named by ids that sort by time.
  for (const name of names.toSorted((a, b) => (a < b ? 1 : -1))) {
    const mail = await PostalMime.parse(await readFile(join(mailFolder, name)));
    const isWanted = mail.to?.some((to) => to.address === address) && mail.subject === subject;
    if (isWanted) return /[?&]token=([\w.~-]+)/.exec(mail.text ?? "")?.[1];
  }
  return undefined;
}
