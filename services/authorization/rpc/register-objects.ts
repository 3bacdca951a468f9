import type { MethodImpl } from "@connectrpc/connect";
import {
  type ObjectService,
  RegisterObjectsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { parseAccountId } from "../domain/ids.ts";
import type { Clock, UnitOfWork } from "../domain/ports.ts";
import { registerObjects as register } from "../domain/register-objects.ts";
import { parseRegistrations } from "./object-messages.ts";
import { toRevision } from "./receipts.ts";

/** Makes objects known. */
export function registerObjects(deps: {
  readonly work: UnitOfWork;
  readonly now: Clock;
}): MethodImpl<typeof ObjectService.method.registerObjects> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, RegisterObjectsRequestSchema, request);
    const registrations = parseRegistrations(parseAccountId(call.accountId), call.caller, request);
    const { effect } = await register(deps, mutation, registrations, call.signal);
    return toRevision(effect);
  };
}
