import type { CallOptions } from "@connectrpc/connect";
import type { PrincipalCaller } from "@portcullis/service";
import type { z } from "zod";
import type { Clients } from "../../peers/clients.ts";
import type { Directory } from "./directory.ts";

/** A request that was let in, for the operation that answers it. */
export interface WavefrontCall {
  readonly clients: Clients;
  readonly caller: PrincipalCaller;
  /** Makes a call of a service the caller's own. */
  readonly options: CallOptions;
  /** The account's roles, groups and invitations, read when they are needed. */
  readonly directory: Directory;
  /** What the answer's status says beside «OK», e.g. what was left out. */
  readonly notes: string[];
}

/** What a client has sent, parsed. */
export interface WavefrontRequest<Body> {
  /** By the names in the route's braces, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** The values of a parameter, in their order. */
  query(name: string): readonly string[];
  readonly body: Body;
}

/**
 * How an answer is packed (contracts/wavefront.md §4.1, §4.3): as it is, in the envelope, both at once, which clients
 * of either kind can read, or as an envelope with nothing in it.
 */
export type Packing = "bare" | "enveloped" | "merged" | "empty";

export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly schema: object;
}

/** What the route table, the documentation and the tests go by. */
interface Described {
  readonly id: string;
  readonly summary: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/api/v2/account/{id}`; more specific ones stand first. */
  readonly path: string;
  readonly query?: readonly QueryParameter[];
  readonly isDeprecated?: boolean;
  /** Where what it takes is a form. */
  readonly isForm?: boolean;
  readonly packing: Packing;
  /** What it answers, unpacked; undefined for nothing. */
  readonly result?: z.ZodType;
}

export type Operation = Described & {
  /** What a body is made of; undefined where there is none, and what is sent all the same is not looked at. */
  readonly body?: z.ZodType;
  /** Gets what the schema has made of the body. */
  readonly run: (call: WavefrontCall, request: WavefrontRequest<unknown>) => Promise<unknown>;
};

/** The name of an operation that stands under several paths. */
export function operationId(prefix: string, name: string): string {
  return prefix === "" ? `${name.charAt(0).toLowerCase()}${name.slice(1)}` : `${prefix}${name}`;
}

/** An operation with a body, whose type its schema gives. */
export function withBody<Schema extends z.ZodType>(
  operation: Described & {
    readonly body: Schema;
    readonly run: (call: WavefrontCall, request: WavefrontRequest<z.output<Schema>>) => Promise<unknown>;
  },
): Operation {
  return {
    ...operation,
    // Only what the same schema has parsed is passed on (app.ts).
    run: (call, request) => operation.run(call, request as WavefrontRequest<z.output<Schema>>),
  };
}
