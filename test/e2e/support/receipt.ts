import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type {
  Enforcement,
  RevocationReceipt,
  RevocationStatement,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { verifyReceipt } from "@portcullis/service/receipts";
import { expect } from "vitest";
import type { Installation } from "./installation.ts";

/** What the receipt of an answer of identity says, checked with the keys that identity shows to anyone. */
export async function statementOf(
  { identity }: Installation,
  { receipt }: { readonly receipt?: RevocationReceipt | undefined },
): Promise<RevocationStatement> {
  const client = createClient(ReceiptService, createGrpcTransport({ baseUrl: identity.url }));
  const { keys } = await client.listReceiptKeys({});
  const issued = receipt ?? expect.fail("the answer has no receipt");
  const verification = verifyReceipt(
    issued,
    keys.map((key) => ({ ...key, issuer: "identity" })),
  );
  if (verification.result !== "valid") return expect.fail(verification.result);
  return verification.statement;
}

/** What credential says in it. */
export function credentialsPart({ enforcements }: RevocationStatement): Enforcement {
  return enforcements.find(({ service }) => service === "credential") ?? expect.fail("credential is silent");
}
