import type { CallOptions } from "@connectrpc/connect";
import type { PrincipalCaller } from "@portcullis/service";
import type { z } from "zod";
import type { Clients } from "../../peers/clients.ts";
import type { NgrokCode } from "./errors.ts";
import type { FieldTypes } from "./filter/values.ts";
import type { ListQuery } from "./list-query.ts";

/** A request that was let in, for the operation that answers it. */
export interface NgrokCall {
  readonly clients: Clients;
  readonly caller: PrincipalCaller;
  /** Makes a call of a service the caller's own. */
  readonly options: CallOptions;
  /** What URIs in answers begin with. */
  readonly publicOrigin: string;
  readonly now: () => Date;
}

/** What all operations have: what the route table, the documentation and the tests go by. */
interface Described {
  /** As ngrok's documentation calls it, e.g. `CredentialsCreate`. */
  readonly id: string;
  readonly summary: string;
  /** `/credentials/{id}`. */
  readonly path: string;
  /** What it answers; undefined for nothing. */
  readonly result?: z.ZodType;
  /** Errors of its own, beside those that every operation has. */
  readonly errors: readonly NgrokCode[];
}

export type Operation = Described &
  (
    | { readonly method: "GET"; readonly run: (call: NgrokCall, id: string) => Promise<object> }
    | { readonly method: "DELETE"; readonly run: (call: NgrokCall, id: string) => Promise<void> }
    | {
        readonly method: "LIST";
        /** What a filter may ask for; undefined where there is no filter. */
        readonly filterable: FieldTypes | undefined;
        readonly run: (call: NgrokCall, query: ListQuery) => Promise<object>;
      }
    | {
        readonly method: "POST" | "PATCH";
        readonly body: z.ZodObject;
        /** Gets what the schema has made of the body; `id` is empty where the path has none. */
        readonly run: (call: NgrokCall, id: string, body: unknown) => Promise<object>;
      }
  );

/** An operation with a body, whose type its schema gives. */
export function withBody<Schema extends z.ZodObject>(
  operation: Described & {
    readonly method: "POST" | "PATCH";
    readonly body: Schema;
    readonly run: (call: NgrokCall, id: string, body: z.output<Schema>) => Promise<object>;
  },
): Operation {
  // Only what the same schema has parsed is passed to `run` (app.ts).
  return { ...operation, run: (call, id, body) => operation.run(call, id, body as z.output<Schema>) };
}
