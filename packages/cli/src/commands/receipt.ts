import { toJson } from "@bufbuild/protobuf";
import {
  type RevocationReceipt,
  RevocationStatementSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import {
  claimedIssuer,
  newReceiptKey,
  publicEntryOf,
  type ReceiptPublicKey,
  type ReceiptVerification,
  verifyReceipt,
} from "@portcullis/service/receipts";
import { Command } from "commander";
import type { Session } from "../call/session.ts";
import type { ServiceName } from "../config/settings.ts";
import { withExamples } from "../input/example.ts";
import { readReceipt } from "../input/receipt-file.ts";
import { readKeysFile, toKeysFile } from "../input/receipt-keys-file.ts";
import type { Local, Runner } from "../runner.ts";
import { receiptView, whyNot } from "./receipt-view.ts";

const issuers: readonly ServiceName[] = ["identity", "authorization", "credential"];

interface VerifyOptions {
  readonly keys?: string;
}

/** `portcullis receipt …` */
export function receiptCommand(runner: Runner): Command {
  const command = new Command("receipt").description("receipts: signed proof that access was taken away");
  withExamples(command.command("verify"), "portcullis receipt verify deactivated.json")
    .description("verify a receipt; ends in 0 if it is valid, in 3 if not; needs no API key")
    .argument("[file]", "JSON, as it or the whole answer was printed, or binary; - is standard input", "-")
    .option("--keys <file>", "use these keys, from `receipt keys --json`, and call nobody")
    .action(runner.askingOpenly(verify));
  withExamples(command.command("keys"), "portcullis receipt keys --json > receipt-keys.json")
    .description("show the public keys that the services sign receipts with; needs no API key")
    .action(runner.withOpenSession(showKeys));
  withExamples(command.command("new-key"), "portcullis receipt new-key")
    .description("make a key for RECEIPT_SIGNING_KEYS of one service; calls nobody")
    .action(runner.locally(makeKey));
  return command;
}

async function verify(session: Session, path: string, options: VerifyOptions): Promise<boolean> {
  const { terminal, printer } = session;
  const read = await readReceipt(terminal, path);
  const verification: ReceiptVerification =
    "problem" in read
      ? { result: "malformed", why: read.problem }
      : verifyReceipt(read.receipt, await keysFor(session, read.receipt, options));
  const keyId = "receipt" in read ? read.receipt.keyId : "";
  printer.local(toJsonAnswer(verification, keyId), receiptView(verification, keyId));
  return verification.result === "valid";
}

async function keysFor(
  session: Session,
  receipt: RevocationReceipt,
  options: VerifyOptions,
): Promise<readonly ReceiptPublicKey[]> {
  if (options.keys !== undefined) return readKeysFile(options.keys);
  const claimed = claimedIssuer(receipt);
  const issuer = issuers.find((name) => name === claimed);
  return issuer === undefined ? [] : fetchKeys(session, issuer);
}

async function fetchKeys(session: Session, issuer: ServiceName): Promise<ReceiptPublicKey[]> {
  const { keys } = await session.read((call) =>
    session.clients.receipts[issuer].listReceiptKeys({ issuer }, call),
  );
  // Nobody shows keys that speak for another. Who tells no issuer is the service itself, of an earlier version.
  return keys
    .filter((key) => key.issuer === "" || key.issuer === issuer)
    .map(({ keyId, publicKey }) => ({ issuer, keyId, publicKey }));
}

function toJsonAnswer(verification: ReceiptVerification, keyId: string): object {
  const { result } = verification;
  if (verification.result !== "valid") return { result, message: whyNot(verification) };
  const { statement } = verification;
  const options = { alwaysEmitImplicit: true };
  return { result, keyId, statement: toJson(RevocationStatementSchema, statement, options) };
}

async function showKeys(session: Session): Promise<void> {
  const found: ReceiptPublicKey[] = [];
  const rows: string[][] = [];
  // One after the other: who can't be reached is told by name.
  for (const issuer of issuers) {
    const keys = await fetchKeys(session, issuer);
    found.push(...keys);
    rows.push(...keys.map((key, index) => [issuer, index === 0 ? "signs" : "listed", publicEntryOf(key)]));
  }
  session.printer.local(toKeysFile(found), {
    kind: "table",
    columns: [{ title: "SERVICE" }, { title: "USE" }, { title: "PUBLIC KEY" }],
    rows,
    empty: "No keys.",
  });
}

async function makeKey({ printer }: Local): Promise<void> {
  const key = newReceiptKey();
  if (printer.isJson) return printer.local(key, { kind: "line", text: key.signingEntry });
  printer.secret(key.signingEntry);
  printer.note("Put it first into RECEIPT_SIGNING_KEYS of one service, and keep it secret.");
  printer.note(`When another signs in its place, this is enough to check its receipts: ${key.publicEntry}`);
}
