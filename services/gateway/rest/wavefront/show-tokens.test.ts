import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CredentialSchema } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { expect, test } from "vitest";
import { showToken } from "./show-tokens.ts";

const credentialId = "cred_00000000000000000000000001";

test("a token shows when it was used last, if it was", () => {
  const used = create(CredentialSchema, { credentialId, lastUsedTime: timestampFromMs(1_700_000_000_000) });
  expect(showToken(used, undefined)).toMatchObject({ lastUsed: 1_700_000_000_000 });
  expect(showToken(create(CredentialSchema, { credentialId }), undefined)).not.toHaveProperty("lastUsed");
});
