import { sign } from "node:crypto";
import { clone, create, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  EnforcementMethod,
  EnforcementSchema,
  type RevocationReceipt,
  RevocationReceiptSchema,
  type RevocationStatement,
  RevocationStatementSchema,
  VerifierOutcome,
  VerifierSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { expect, test } from "vitest";
import { mergeEnforcements, type SettledChange, toEnforcement } from "./enforcement.ts";
import { createReceiptIssuer, type ReceiptRequest } from "./issue.ts";
import { newReceiptKey, parseReceiptKeys, type ReceiptKeys } from "./keys.ts";
import { claimedIssuer, verifyReceipt } from "./verify.ts";

const settled: SettledChange = {
  at: { generation: "g1", position: 42 },
  effectiveWallMs: 1_700_000_000_250,
  method: "waited",
  verifiers: [
    { replica: "credential-1", outcome: "acknowledged" },
    { replica: "credential-2", outcome: "lease_over" },
  ],
  sessionsClosed: 3,
};
const credential = toEnforcement("credential", settled, 1_700_000_000_000);
const authorization = toEnforcement(
  "authorization",
  { ...settled, at: { generation: "g9", position: 7 }, effectiveWallMs: 1_700_000_000_900, verifiers: [] },
  1_700_000_000_100,
);
const request: ReceiptRequest = {
  accountId: "acct_1",
  operation: "service_user.deactivate",
  targetId: "svc_1",
  enforcements: [credential, authorization],
};

let count = 0;
const newId = (prefix: string) => `${prefix}_${++count}`;
const issuerWith = (keys: ReceiptKeys, issuer = "identity") => createReceiptIssuer({ keys, issuer, newId });

const key = newReceiptKey();
const keys = parseReceiptKeys(key.signingEntry);
const identity = issuerWith(keys);

/** A receipt of what the issuer would never say, with a signature that is genuine. */
function signed(change: (statement: RevocationStatement) => void): RevocationReceipt {
  const statement = clone(
    RevocationStatementSchema,
    identity.issue(request).statement ?? expect.fail("no statement"),
  );
  change(statement);
  const statementBytes = toBinary(RevocationStatementSchema, statement);
  const text = Buffer.concat([Buffer.from("portcullis.receipt.v1\0"), statementBytes]);
  const signature = sign(null, text, keys.signing.privateKey);
  return create(RevocationReceiptSchema, { statement, statementBytes, keyId: key.keyId, signature });
}

test("a receipt says what was taken away, since the latest of the enforcements, and is valid", () => {
  const receipt = identity.issue(request);
  const verified = verifyReceipt(receipt, identity.publicKeys);
  expect(verified).toMatchObject({
    result: "valid",
    statement: {
      receiptId: expect.stringMatching(/^rcp_/),
      accountId: "acct_1",
      operation: "service_user.deactivate",
      targetId: "svc_1",
      issuer: "identity",
      effectiveTime: authorization.effectiveTime,
      enforcements: [credential, authorization],
    },
  });
  expect(receipt).toMatchObject({ keyId: key.keyId, statement: Object(verified).statement });
});

test("every receipt has an id of its own", () => {
  expect(identity.issue(request).statement?.receiptId).not.toBe(identity.issue(request).statement?.receiptId);
});

test.each([
  ["there are no enforcements", []],
  ["one names no service", [credential, { ...authorization, service: "" }]],
  ["one says not since when", [create(EnforcementSchema, { service: "credential", method: 1 })]],
  ["one says not how", [credential, { ...authorization, method: EnforcementMethod.UNSPECIFIED }]],
  [
    "a replica may still answer as before",
    [toEnforcement("credential", { ...settled, verifiers: [] }, 0), openEnforcement()],
  ],
])("no receipt is issued where %s", (_, enforcements) => {
  expect(() => identity.issue({ ...request, enforcements })).toThrow("was not issued");
});

function openEnforcement() {
  const unsettled = create(VerifierSchema, { replicaId: "credential-3" });
  return create(EnforcementSchema, { ...credential, verifiers: [unsettled] });
}

const other = { generation: "g2", revision: 43n, sessionsClosed: 4n };
const changes: readonly [string, (statement: RevocationStatement) => void][] = [
  ["receiptId", (statement) => void (statement.receiptId = "rcp_other")],
  ["accountId", (statement) => void (statement.accountId = "acct_2")],
  ["operation", (statement) => void (statement.operation = "service_user.delete")],
  ["targetId", (statement) => void (statement.targetId = "svc_2")],
  ["issuer", (statement) => void (statement.issuer = "credential")],
  ["effectiveTime", (statement) => void (statement.effectiveTime = timestampFromMs(1))],
  ["enforcements, one less", (statement) => void statement.enforcements.pop()],
  ["enforcements, one more", (statement) => void statement.enforcements.push(credential)],
  ["service", ({ enforcements: [first] }) => void Object.assign(first ?? {}, { service: "x" })],
  ["log", ({ enforcements: [first] }) => void Object.assign(first ?? {}, other)],
  ["commitTime", ({ enforcements: [first] }) => void Object.assign(first ?? {}, { commitTime: undefined })],
  [
    "enforcement's effectiveTime",
    ({ enforcements: [first] }) => void Object.assign(first ?? {}, { effectiveTime: timestampFromMs(1) }),
  ],
  ["method", ({ enforcements: [first] }) => void Object.assign(first ?? {}, { method: 1 })],
  ["verifiers", ({ enforcements: [first] }) => void first?.verifiers.pop()],
  ["verifier", ({ enforcements: [first] }) => void Object.assign(first?.verifiers[1] ?? {}, { outcome: 1 })],
];

test.each(changes)("who changes %s in what is shown is found out", (_, change) => {
  const receipt = identity.issue(request);
  change(receipt.statement ?? expect.fail("no statement"));
  expect(verifyReceipt(receipt, identity.publicKeys)).toMatchObject({
    result: "malformed",
    why: expect.stringContaining("not the one that was signed"),
  });
});

test.each(changes)("who changes %s in what was signed is found out", (_, change) => {
  const receipt = identity.issue(request);
  const statement = receipt.statement ?? expect.fail("no statement");
  change(statement);
  const statementBytes = toBinary(RevocationStatementSchema, statement);
  // All services with this key: what is found out is not that credential has no key of that id.
  const allKeys = [...identity.publicKeys, ...issuerWith(keys, "credential").publicKeys];
  const changed = create(RevocationReceiptSchema, { ...receipt, statement, statementBytes });
  expect(verifyReceipt(changed, allKeys)).toEqual({ result: "wrong_signature" });
});

test("no bit of the bytes or of the signature can be turned over", () => {
  const receipt = identity.issue(request);
  for (const field of ["statementBytes", "signature"] as const) {
    for (const index of receipt[field].keys()) {
      const bytes = Uint8Array.from(receipt[field]);
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      const changed = create(RevocationReceiptSchema, { ...receipt, [field]: bytes });
      expect(verifyReceipt(changed, identity.publicKeys).result).not.toBe("valid");
    }
  }
});

test.each<[string, Partial<RevocationReceipt>, string]>([
  ["without its statement", { statement: undefined }, "malformed"],
  ["without the bytes", { statementBytes: new Uint8Array() }, "malformed"],
  ["with bytes that are no statement", { statementBytes: new Uint8Array([255]) }, "malformed"],
  ["without a signature", { signature: new Uint8Array() }, "wrong_signature"],
  ["with a signature of another length", { signature: new Uint8Array(63) }, "wrong_signature"],
  ["without a key id", { keyId: "" }, "unknown_key"],
  ["with another key id", { keyId: "rk-other" }, "unknown_key"],
])("a receipt %s is not valid", (_, change, result) => {
  const receipt: RevocationReceipt = { ...identity.issue(request), ...change };
  expect(verifyReceipt(receipt, identity.publicKeys).result).toBe(result);
});

test("a signature of the same key and bytes that was not made for receipts is none", () => {
  const receipt = identity.issue(request);
  const signature = sign(null, receipt.statementBytes, keys.signing.privateKey);
  const result = { result: "wrong_signature" };
  expect(verifyReceipt({ ...receipt, signature }, identity.publicKeys)).toEqual(result);
});

test("the key of one service does not speak for another, and another's key of the same id does not fit", () => {
  const issuer = issuerWith(keys, "credential");
  expect(verifyReceipt(issuer.issue(request), identity.publicKeys)).toEqual({
    result: "unknown_key",
    issuer: "credential",
    keyId: key.keyId,
  });
  const impostor = issuerWith(
    parseReceiptKeys(`${key.keyId}:${newReceiptKey().signingEntry.split(":")[1] ?? ""}`),
  );
  expect(verifyReceipt(impostor.issue(request), identity.publicKeys).result).toBe("wrong_signature");
  expect(claimedIssuer(issuer.issue(request))).toBe("credential");
});

test("a public key of the wrong size is as good as none", () => {
  const short = identity.publicKeys.map((one) => ({ ...one, publicKey: one.publicKey.subarray(1) }));
  expect(verifyReceipt(identity.issue(request), short).result).toBe("unknown_key");
});

test("an old receipt is valid as long as the public half of its key is listed, and no longer", () => {
  const old = identity.issue(request);
  const next = newReceiptKey();
  const rotated = issuerWith(parseReceiptKeys(`${next.signingEntry},${key.publicEntry}`));
  expect(rotated.issue(request).keyId).toBe(next.keyId);
  expect(verifyReceipt(rotated.issue(request), rotated.publicKeys).result).toBe("valid");
  expect(verifyReceipt(old, rotated.publicKeys).result).toBe("valid");
  const forgotten = issuerWith(parseReceiptKeys(next.signingEntry));
  expect(verifyReceipt(old, forgotten.publicKeys).result).toBe("unknown_key");
});

test("a receipt that was written as JSON or protobuf and read again is as good as before", () => {
  const receipt = identity.issue(request);
  const json = JSON.stringify(toJson(RevocationReceiptSchema, receipt, { alwaysEmitImplicit: true }));
  const copies = [
    fromJson(RevocationReceiptSchema, JSON.parse(json)),
    fromBinary(RevocationReceiptSchema, toBinary(RevocationReceiptSchema, receipt)),
  ];
  for (const copy of copies) expect(verifyReceipt(copy, identity.publicKeys).result).toBe("valid");
});

test("a later release's field in the signed bytes leaves a receipt valid, and the bytes as they are", () => {
  const receipt = signed((statement) => {
    statement.$unknown = [{ no: 99, wireType: WireType.Varint, data: new Uint8Array([1]) }];
  });
  expect(verifyReceipt(receipt, identity.publicKeys).result).toBe("valid");
});

test.each<[string, (statement: RevocationStatement) => void]>([
  ["without enforcements", (statement) => void (statement.enforcements = [])],
  ["in force before its enforcements", (statement) => void (statement.effectiveTime = timestampFromMs(1))],
  ["without an id", (statement) => void (statement.receiptId = "")],
])("what is genuinely signed but proves nothing, %s, is not valid", (_, change) => {
  expect(verifyReceipt(signed(change), identity.publicKeys).result).toBe("malformed");
});

test("an enforcement is never in force before its commit, whatever the clock did", () => {
  const early = toEnforcement("credential", settled, settled.effectiveWallMs + 5_000);
  expect(early.effectiveTime).toEqual(timestampFromMs(settled.effectiveWallMs + 5_000));
  expect(toEnforcement("credential", settled, undefined).commitTime).toBeUndefined();
});

test("words of several services become one list, and of one service one word that claims no more", () => {
  const sessions = toEnforcement(
    "credential",
    {
      at: { generation: "g1", position: 44 },
      effectiveWallMs: 1_700_000_000_200,
      method: "acknowledged",
      verifiers: [
        { replica: "credential-2", outcome: "acknowledged" },
        { replica: "credential-3", outcome: "acknowledged" },
      ],
      sessionsClosed: 1,
    },
    1_700_000_000_050,
  );
  const merged = mergeEnforcements([credential], [authorization, sessions]);
  expect(merged.map(({ service }) => service)).toEqual(["authorization", "credential"]);
  expect(merged[1]).toMatchObject({
    revision: 44n,
    commitTime: sessions.commitTime,
    effectiveTime: credential.effectiveTime,
    method: EnforcementMethod.WAITED,
    sessionsClosed: 4n,
    verifiers: [
      { replicaId: "credential-1", outcome: VerifierOutcome.ACKNOWLEDGED },
      { replicaId: "credential-2", outcome: VerifierOutcome.LEASE_OVER },
      { replicaId: "credential-3", outcome: VerifierOutcome.ACKNOWLEDGED },
    ],
  });
  expect(mergeEnforcements([sessions], [credential])).toMatchObject([merged[1]].map(withoutVerifiers));
});

function withoutVerifiers(enforcement: object | undefined) {
  return { ...enforcement, verifiers: expect.anything() };
}

test("words of the same service about another log stay apart, and the same word twice counts once", () => {
  const restored = create(EnforcementSchema, { ...credential, generation: "g2" });
  expect(mergeEnforcements([credential], [restored])).toHaveLength(2);
  expect(mergeEnforcements([credential], [credential])).toEqual([credential]);
});
