import { z } from "zod";
import type { Packing } from "./operation.ts";

const statusView = z.strictObject({
  result: z.enum(["OK", "ERROR"]),
  message: z.string(),
  code: z.int(),
});

/** What an error looks like. */
export const errorView = z.strictObject({ status: statusView, debugInfo: z.array(z.string()) });

/** An answer as it is sent. */
export function pack(packing: Packing, result: unknown, notes: readonly string[]): unknown {
  const status = { result: "OK", message: notes.join(" "), code: 200 };
  switch (packing) {
    case "bare":
      return result;
    case "enveloped":
      return { status, response: result };
    case "merged":
      return { ...Object(result), status, response: result };
    case "empty":
      return { status };
  }
}

/** The schema of an answer as it is sent. */
export function packedView(packing: Packing, result: z.ZodType): z.ZodType {
  switch (packing) {
    case "bare":
      return result;
    case "enveloped":
      return z.strictObject({ status: statusView, response: result });
    case "merged":
      return result instanceof z.ZodObject
        ? z.strictObject({ ...result.shape, status: statusView, response: result })
        : z.strictObject({ status: statusView, response: result });
    case "empty":
      return z.strictObject({ status: statusView });
  }
}
