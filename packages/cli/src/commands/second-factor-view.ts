import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { View } from "../output/view.ts";
import { inForceFields } from "./in-force-view.ts";

/** A new secret for an authenticator app. */
export function totpView({
  secret,
  otpauthUri,
}: {
  readonly secret: string;
  readonly otpauthUri: string;
}): View {
  return {
    kind: "fields",
    fields: [
      ["Secret", secret],
      ["Address", otpauthUri],
    ],
  };
}

/** What stands for a code of the app once; shown this once. */
export function recoveryCodesView({
  recoveryCodes,
  receipt,
}: {
  readonly recoveryCodes: readonly string[];
  readonly receipt?: RevocationReceipt | undefined;
}): View {
  return {
    kind: "fields",
    fields: [["Recovery codes, shown this once", recoveryCodes.join(" ")], ...inForceFields(receipt)],
  };
}
