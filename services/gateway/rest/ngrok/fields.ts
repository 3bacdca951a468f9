import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { z } from "zod";
import { type NgrokCode, NgrokError } from "./errors.ts";
import { type OwnPrefix, type PublicPrefix, parsePublicId } from "./ids.ts";

const descriptionBytesMax = 255;
const metadataBytesMax = 4_096;

/** A text of limited length in bytes; null is how some clients leave a field out. */
function textOf(bytesMax: number, description: string) {
  return z
    .string()
    .refine((value) => value.isWellFormed(), { error: "must be well-formed Unicode", abort: true })
    .refine((value) => Buffer.byteLength(value) <= bytesMax, { error: `must be at most ${bytesMax} bytes` })
    .nullish()
    .describe(`${description} At most ${bytesMax} bytes.`);
}

/** Fields that several resources have. */
export const description = textOf(descriptionBytesMax, "For people.");
export const metadata = textOf(metadataBytesMax, "For programs.");
export const acl = z
  .array(z.string().max(300))
  .max(100)
  .nullish()
  .describe("Allow-list: `*`, or `bind:` with a domain, an address or a label. Empty: no restriction.");

/** Texts of answers. */
export const createdAt = z.iso.datetime().describe("RFC 3339, UTC, to the second.");
export const uri = z.url();

/** Sent by some clients beside the path; it must be the same. */
export const echoedId = z.string().nullish().describe("May repeat the id of the path.");

const tooLong: Readonly<Record<string, NgrokCode>> = {
  name: "ERR_NGROK_4110",
  description: "ERR_NGROK_604",
  metadata: "ERR_NGROK_605",
};
const missing: Readonly<Record<string, NgrokCode>> = {
  name: "ERR_NGROK_4109",
  public_key: "ERR_NGROK_611",
};

/** What the schema makes of a body, or the error that the first thing wrong with it is. */
export function parseBody(schema: z.ZodObject, body: unknown): unknown {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const unknownField = parsed.error.issues.find(({ code }) => code === "unrecognized_keys");
  const issue = unknownField ?? parsed.error.issues[0];
  const field = String(issue?.path[0] ?? "");
  if (unknownField !== undefined && unknownField.path.length === 0) {
    const known = Object.keys(schema.shape).join(", ");
    throw new NgrokError("ERR_NGROK_214", `The body has an unknown field. Known: ${known}.`);
  }
  if (field === "") throw new NgrokError("ERR_NGROK_215", "The body must be a JSON object.");
  const value = typeof body === "object" && body !== null ? Reflect.get(body, field) : undefined;
  const isMissing = value === undefined || value === null || value === "";
  const code = isMissing
    ? missing[field]
    : typeof value === "string" && value.isWellFormed()
      ? tooLong[field]
      : undefined;
  throw new NgrokError(code ?? "ERR_NGROK_215", `${field}: ${issue?.message ?? "is not valid"}`);
}

/** Refuses a change that names nothing to change, or another thing than the path does. */
export function requireChange(id: string, body: Readonly<Record<string, unknown>>): void {
  if (typeof body.id === "string" && body.id !== id) {
    throw new NgrokError("ERR_NGROK_215", "id: must be the id of the path");
  }
  const supplied = Object.entries(body).filter(([name, value]) => name !== "id" && value != null);
  if (supplied.length === 0) throw new NgrokError("ERR_NGROK_606", "There is nothing to change in the body.");
}

/** The id of a path. What can't be one and what is not there are both 404. */
export function pathId(
  text: string,
  prefixes: readonly PublicPrefix[],
  own: OwnPrefix,
  noun: string,
): string {
  const parsed = parsePublicId(text, prefixes, own);
  switch (parsed.is) {
    case "ours":
      return parsed.ownId;
    case "foreign":
      throw notFound(noun);
    case "malformed":
      throw new NgrokError("ERR_NGROK_222", `That is not the id of a ${noun}: it is not a valid identifier.`);
  }
}

export function notFound(noun: string): NgrokError {
  return new NgrokError("ERR_PORTCULLIS_NOT_FOUND", `There is no such ${noun} in this account.`);
}

/** Our id of where a list goes on. One that was never given out sorts after all: it is refused. */
export function beforeIdOf(text: string, prefixes: readonly PublicPrefix[], own: OwnPrefix): string {
  if (text === "") return "";
  const parsed = parsePublicId(text, prefixes, own);
  if (parsed.is === "ours") return parsed.ownId;
  throw new NgrokError(
    prefixes.length === 1 ? "ERR_NGROK_227" : "ERR_NGROK_243",
    `before_id must be the id of something on this list, which begins with ${prefixes.map((p) => `${p}_`).join(" or ")}.`,
  );
}

/** A time as this API shows it. */
export function showTime(timestamp: Timestamp | undefined): string {
  if (timestamp === undefined) throw new Error("an answer without its time");
  return timestampDate(timestamp)
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
}
