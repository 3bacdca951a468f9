import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { testReceiptKeys } from "@portcullis/service/testing";
import { expect, test } from "vitest";
import { startTestCredential } from "./testing/start-credential.ts";

test("credential serves the public keys of its receipts to anyone", async () => {
  await using credential = await startTestCredential();
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${credential.port}` });
  const { keys } = await createClient(ReceiptService, transport).listReceiptKeys({});
  expect(keys).toMatchObject(testReceiptKeys.published);
});
