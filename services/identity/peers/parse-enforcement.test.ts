import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import {
  EnforcementSchema,
  EnforcementMethod as Method,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { expect, test } from "vitest";
import { parseEnforcement } from "./parse-enforcement.ts";

const said = { service: "credential", method: Method.WAITED, effectiveTime: timestampNow() };
const enforcementOf = (changes: MessageInitShape<typeof EnforcementSchema> = {}) =>
  create(EnforcementSchema, { ...said, ...changes });

test("what a peer says of itself is kept as it was said", () => {
  const wire = enforcementOf({ revision: 7n, sessionsClosed: 2n });
  const parsed = parseEnforcement("credential", wire) ?? expect.fail();
  expect(fromBinary(EnforcementSchema, parsed.said)).toEqual(wire);
});

test.each([
  ["nothing", undefined],
  ["something in the name of another service", enforcementOf({ service: "authorization" })],
  ["not since when", create(EnforcementSchema, { ...said, effectiveTime: undefined })],
  ["not how it knows", enforcementOf({ method: Method.UNSPECIFIED })],
])("a peer that says %s has said nothing", (_what, wire) => {
  expect(parseEnforcement("credential", wire)).toBeUndefined();
});
