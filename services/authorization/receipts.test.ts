import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { testReceiptKeys } from "@portcullis/service/testing";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "./testing/serving.ts";

test("authorization serves the public keys of its receipts, whoever asks", async () => {
  const serving = await serve();
  onTestFinished(() => serving.stop());
  const { keys } = await serving.as(ReceiptService, "nobody/at-all").listReceiptKeys({});
  expect(keys).toMatchObject(testReceiptKeys.published);
});
