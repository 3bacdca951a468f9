import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  BatchCheckRequestSchema,
  BatchCheckResponseSchema,
  CheckRequestSchema,
  CheckResponseSchema,
  ObjectAction,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { delimited, parseMessage, toBuffer } from "@portcullis/service/data-plane";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Decision } from "../../domain/decide.ts";
import type { Basis } from "../../domain/decision-ports.ts";
import { parsePrincipalId, parsePrincipalRef } from "../../domain/ids.ts";
import { reasons, toBasis, toDecision } from "../check-messages.ts";
import { encodeBatchBasis, encodeCheckBasis, encodeDecision } from "./encode-decision.ts";
import { readBatch, readCheck } from "./read-requests.ts";

type CheckInit = MessageInitShape<typeof CheckRequestSchema>;
type BatchInit = MessageInitShape<typeof BatchCheckRequestSchema>;

const ids = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("acct_1", "user_1", "svc_01jz", "user/1", "", "a".repeat(64)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 70, unit: "binary" }) },
);
const permissions = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("ingestion", "reports.read", "", "p".repeat(128)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 140, unit: "grapheme" }) },
);
const objects = fc.constantFrom(undefined, undefined, undefined, {
  objectType: "dashboard",
  objectId: "d1",
  action: ObjectAction.VIEW,
});
/** What is there is set; what is undefined is left out, as programs do it. */
const given = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 6 });

const checks = fc
  .record({
    accountId: ids,
    principalId: ids,
    hasSubject: fc.boolean(),
    permissionId: permissions,
    inAccount: given(ids),
    object: objects,
    minRevision: fc.constantFrom(0n, 0n, 0n, 5n),
    forCache: fc.constantFrom(false, false, true),
    token: fc.constantFrom("", "", "", "token"),
  })
  .map(({ accountId, principalId, hasSubject, inAccount = "", object, ...rest }): CheckInit => {
    const subject = hasSubject ? { subject: { accountId, principalId } } : {};
    return { ...rest, ...subject, accountId: inAccount, ...(object === undefined ? {} : { object }) };
  });

const batches = fc
  .record({
    accountId: ids,
    items: fc.array(fc.record({ principalId: ids, permissionId: permissions, object: objects }), {
      maxLength: 5,
    }),
    minRevision: fc.constantFrom(0n, 0n, 0n, 5n),
    forCache: fc.constantFrom(false, false, true),
  })
  .map(({ items, ...rest }): BatchInit => {
    const set = items.map(({ object, ...item }) => (object === undefined ? item : { ...item, object }));
    return { ...rest, items: set };
  });

const checkBytes = (request: CheckInit) => toBinary(CheckRequestSchema, create(CheckRequestSchema, request));
const batchBytes = (request: BatchInit) =>
  toBinary(BatchCheckRequestSchema, create(BatchCheckRequestSchema, request));

/** Bytes as other encoders, or nobody, would write them: cut, with something in between, one after the other. */
function wild(usual: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(usual, fc.nat(), fc.uint8Array({ maxLength: 12 })).map(([bytes, place, inserted]) => {
      const at = place % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
    }),
    fc.tuple(usual, fc.nat()).map(([bytes, place]) => bytes.subarray(0, place % (bytes.length + 1))),
    fc.array(usual, { maxLength: 3 }).map((parts) => Buffer.concat(parts)),
  );
}

/** The message that the long way makes of the bytes; undefined where it refuses them. */
function parsed<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return parseMessage(schema, bytes);
  } catch {
    return undefined;
  }
}

function checkTheLongWay(bytes: Uint8Array) {
  const request = parsed(CheckRequestSchema, bytes);
  if (request === undefined) return undefined;
  const { accountId = "", principalId = "" } = request.subject ?? {};
  expect(request).toMatchObject({ token: "", sourceIp: "", forCache: false, minRevision: 0n });
  expect(request.object).toBeUndefined();
  return {
    subject: parsePrincipalRef(accountId, principalId),
    accountId: request.accountId === "" ? accountId : request.accountId,
    permission: request.permissionId,
    object: undefined,
    minRevision: 0,
  };
}

function batchTheLongWay(bytes: Uint8Array) {
  const request = parsed(BatchCheckRequestSchema, bytes);
  expect(request).toMatchObject({ forCache: false, minRevision: 0n });
  return request?.items.map(({ principalId, permissionId, object }) => ({
    principalId: parsePrincipalId(principalId),
    permission: permissionId,
    object,
  }));
}

describe("what is read straight from the bytes is what protobuf-es and the rules at the fields make of them", () => {
  test.each([
    ["checks as programs make them", checks.map(checkBytes)],
    ["checks of whatever bytes", wild(checks.map(checkBytes))],
  ])("for %s", (_, requests) => {
    const property = fc.property(requests, (bytes) => {
      const read = readCheck(Buffer.from(bytes));
      if (read !== undefined) expect(read).toEqual(checkTheLongWay(bytes));
    });
    fc.assert(property, { numRuns: 4_000 });
  });

  test.each([
    ["batches as programs make them", batches.map(batchBytes)],
    ["batches of whatever bytes", wild(batches.map(batchBytes))],
  ])("for %s", (_, requests) => {
    const property = fc.property(requests, (bytes) => {
      const read = readBatch(Buffer.from(bytes));
      if (read !== undefined) expect(read).toEqual(batchTheLongWay(bytes));
    });
    fc.assert(property, { numRuns: 4_000 });
  });

  test("and what every program sends takes the short way", () => {
    const subject = { accountId: "acct_1", principalId: "user_1" };
    for (const request of [
      { subject, permissionId: "ingestion" },
      { subject, permissionId: "reports.read", accountId: "acct_2" },
    ]) {
      expect(readCheck(Buffer.from(checkBytes(request)))).toBeDefined();
    }
    const item = { principalId: "user_1", permissionId: "ingestion" };
    for (const accountId of ["", "acct_1"]) {
      const bytes = batchBytes({ accountId, items: Array.from({ length: 1_000 }, () => item) });
      expect(readBatch(Buffer.from(bytes))).toHaveLength(1_000);
    }
  });
});

const decisions = fc
  .record({
    reason: fc.constantFrom(...(Object.keys(reasons) as Decision["reason"][])),
    subjectVersion: fc.oneof(fc.constant(0), fc.maxSafeNat()),
  })
  .map(({ reason, subjectVersion }): Decision => {
    switch (reason) {
      case "not_granted":
      case "subject_unknown":
      case "account_suspended":
      case "subject_inactive":
      case "object_not_accessible":
        return { allowed: false, reason, subjectVersion };
      case "role":
      case "service_user_policy":
      case "direct_permission":
      case "super_admin":
      case "object_access":
        return { allowed: true, reason, subjectVersion };
    }
  });
const bases: fc.Arbitrary<Basis> = fc.record({
  generation: fc.string(),
  revision: fc.oneof(fc.constant(0), fc.maxSafeNat()),
  staleMsMax: fc.oneof(fc.constant(0), fc.nat()),
});

test("an answer's bytes are those that toBinary makes of the message", () => {
  const property = fc.property(fc.array(decisions, { minLength: 1, maxLength: 5 }), bases, (all, basis) => {
    for (const decision of all) {
      const message = create(CheckResponseSchema, { ...toDecision(decision), ...toBasis(basis) });
      const bytes = toBuffer(encodeDecision(decision) + encodeCheckBasis(basis));
      expect(bytes).toEqual(Buffer.from(toBinary(CheckResponseSchema, message)));
    }
    const message = create(BatchCheckResponseSchema, { results: all.map(toDecision), ...toBasis(basis) });
    const results = all.map((decision) => delimited("\x0a", encodeDecision(decision))).join("");
    const bytes = toBuffer(results + encodeBatchBasis(basis));
    expect(bytes).toEqual(Buffer.from(toBinary(BatchCheckResponseSchema, message)));
  });
  fc.assert(property, { numRuns: 1_000 });
});
