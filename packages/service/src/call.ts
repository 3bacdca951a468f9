import { createHash } from "node:crypto";
import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type ContextKey, createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Caller } from "./caller.ts";

/** Where a call comes from. */
export interface CallOrigin {
  /** The IP address of whoever calls, also where the gateway passes the call on. Undefined once the socket is gone. */
  readonly peerAddress: string | undefined;
  /** As the caller calls itself; may be empty. */
  readonly userAgent: string;
}

/** What the interceptors have found out about a call, for the handler. */
export interface Call extends CallOrigin {
  readonly caller: Caller;
  /** The account that the call is about: the request's, else the caller's own. Empty for a workload that named none. */
  readonly accountId: string;
  /** The caller may reach every account: a super administrator, or a service. */
  readonly unrestricted: boolean;
  /** `portcullis.identity.v1.ServiceUserService/GetServiceUser`. */
  readonly method: string;
  /** Ends when the caller goes away or the deadline passes; streams of both sides have none. */
  readonly signal: AbortSignal;
  /** For calls that last: rejects, as the call would now, if the caller is no longer good for it. */
  readonly proveAgain: () => Promise<void>;
}

/** A call to a method that anyone may call: nobody is proven. */
export interface OpenCall extends CallOrigin {
  readonly method: string;
  /** Ends when the caller goes away or the deadline passes. */
  readonly signal: AbortSignal;
}

/** What a change needs to know of the call that asks for it: who, and which request. */
export interface Mutation {
  readonly actor: Caller;
  readonly accountId: string;
  readonly method: string;
  /** Absent where the caller sent none: then a repeat is a new request. */
  readonly requestId: string | undefined;
  /** SHA-256 of the request, to tell a repeat from another request with the same id. */
  readonly requestDigest: Uint8Array;
}

/** Set by the interceptors, read with callOf. */
export const callKey: ContextKey<Call | undefined> = createContextKey<Call | undefined>(undefined);

/** Set by the interceptors, read with openCallOf. */
export const openCallKey: ContextKey<OpenCall | undefined> = createContextKey<OpenCall | undefined>(
  undefined,
);

/** The call that the handler of a method for anyone serves. Throws for any other: a fault of the wiring. */
export function openCallOf(context: HandlerContext): OpenCall {
  const call = context.values.get(openCallKey);
  if (call === undefined) throw new Error("not a method that anyone may call");
  return call;
}

/** The call that a handler serves. Throws where the interceptors did not run: a fault of the wiring. */
export function callOf(context: HandlerContext): Call {
  const call = context.values.get(callKey);
  if (call === undefined) throw new Error("the handler was reached without its interceptors");
  return call;
}

/** Describes the change that a request asks for. */
export function mutationOf<Desc extends DescMessage>(
  call: Call,
  schema: Desc,
  request: MessageShape<Desc> & { readonly requestId?: string },
): Mutation {
  return {
    actor: call.caller,
    accountId: call.accountId,
    method: call.method,
    requestId: request.requestId === "" ? undefined : request.requestId, // some are repeatable by themselves
    requestDigest: createHash("sha256").update(toBinary(schema, request)).digest(),
  };
}
