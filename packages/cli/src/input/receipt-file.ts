import { fromBinary, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import {
  type RevocationReceipt,
  RevocationReceiptSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { Terminal } from "../terminal.ts";
import { readNamedFile } from "./named-file.ts";
import { readAll } from "./standard-input.ts";

/** A receipt names each replica: thousands fit. */
const bytesMax = 4 * 1024 * 1024;

/** A receipt, or why what was given is none. */
export type ReadReceipt = { readonly receipt: RevocationReceipt } | { readonly problem: string };

/**
 * Reads a receipt from a file, or from standard input for `-`: as JSON, alone or as `receipt` of an answer, or in
 * protobuf's binary form.
 */
export async function readReceipt(terminal: Terminal, path: string): Promise<ReadReceipt> {
  const bytes = path === "-" ? await readAll(terminal, bytesMax) : await readNamedFile("receipt file", path);
  return parseReceipt(bytes);
}

function parseReceipt(bytes: Uint8Array): ReadReceipt {
  // A binary receipt can look like text, but not like JSON.
  const json = parseJson(bytes);
  if (json === undefined) return parseBinary(bytes);
  if (!isObject(json)) return { problem: "the JSON is no receipt" };
  const isAlone = "statementBytes" in json || "statement_bytes" in json;
  const found = isAlone ? json : json["receipt"];
  if (!isObject(found)) return { problem: "there is no receipt in it" };
  try {
    // Unknown fields are refused: people would read them, and nobody has signed them.
    return { receipt: fromJson(RevocationReceiptSchema, found) };
  } catch (error) {
    return { problem: `the JSON is no receipt that this version can read (${String(error)})` };
  }
}

function parseBinary(bytes: Uint8Array): ReadReceipt {
  try {
    return { receipt: fromBinary(RevocationReceiptSchema, bytes) };
  } catch {
    return { problem: "it is neither JSON nor a receipt in protobuf's binary form" };
  }
}

function parseJson(bytes: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
