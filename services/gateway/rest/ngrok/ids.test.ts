import { newId } from "@portcullis/service";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeKsuid, encodeKsuid, newKsuid } from "../../edge/ksuid.ts";
import { parsePublicId, toPublicId } from "./ids.ts";

const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 });

test("a KSUID gives back its bytes, and has no other spelling", () => {
  fc.assert(
    fc.property(bytes20, (bytes) => {
      const text = encodeKsuid(bytes);
      expect(text).toMatch(/^[0-9A-Za-z]{27}$/);
      expect(decodeKsuid(text)).toEqual(bytes);
    }),
  );
});

test("KSUIDs known from elsewhere are read as they are meant", () => {
  // From the README of segmentio/ksuid.
  const bytes = decodeKsuid("0ujtsYcgvSTl8PAuAdqWYSMnLOv");
  expect(Buffer.from(bytes ?? []).toString("hex")).toBe("0669f7efb5a1cd34b5f99d1154fb6853345c9735");
  expect(decodeKsuid("aWgEPTl1tmebfsQzFP4bxwgy80V")).toEqual(new Uint8Array(20).fill(255));
  expect(decodeKsuid("aWgEPTl1tmebfsQzFP4bxwgy80W")).toBeUndefined();
});

test("our ids come back from public ones, under each prefix", () => {
  for (let count = 0; count < 200; count++) {
    const ownId = newId("svc");
    for (const prefix of ["bot", "service"] as const) {
      const parsed = parsePublicId(toPublicId(prefix, ownId), ["bot", "service"], "svc");
      expect(parsed).toEqual({ is: "ours", ownId });
    }
  }
});

test("public ids sort as ours do, whose time they carry", () => {
  const own = Array.from({ length: 200 }, () => newId("cred")).toSorted();
  const known = own.map((id) => toPublicId("cr", id));
  expect(known.toSorted()).toEqual(known);
});

test("other ids are told apart: another thing's prefix, no KSUID, a KSUID that we have not made", () => {
  const ownId = newId("cred");
  expect(parsePublicId(toPublicId("ak", ownId), ["cr"], "cred")).toEqual({ is: "malformed" });
  for (const text of ["", "cr_", "cr", "_", "cr_0", `cr_${"z".repeat(27)}`, ownId, `cr_${"é".repeat(27)}`]) {
    expect(parsePublicId(text, ["cr"], "cred")).toEqual({ is: "malformed" });
  }
  expect(parsePublicId(`cr_${newKsuid(Date.now())}`, ["cr"], "cred")).toEqual({ is: "foreign" });
});

test("any text at all is read without an error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(parsePublicId(text, ["cr"], "cred").is).not.toBe("ours");
    }),
  );
});
