import type { ListObjectsRequest } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { Call } from "@portcullis/service";
import type { ObjectsWanted } from "../domain/list-objects.ts";
import { parseAction, parseObjectRef } from "./check-messages.ts";
import { invalid } from "./messages.ts";

const pageSizeDefault = 500;
const pageSizeMax = 1_000;

/**
 * The account that a stream is about. The interceptors see no message of a stream, so they have admitted the
 * caller to its own account only, unless it may reach every one. ACCOUNT_NOT_FOUND.
 */
export function accountOfStream(call: Call, named: string): string {
  if (named === "" || named === call.accountId) return call.accountId;
  if (call.unrestricted) return named;
  throw new DomainError("ACCOUNT_NOT_FOUND", "There is no such account, or you can't reach it.");
}

/** VALIDATION_FAILED: the rules at the fields are not enforced for streams. */
export function parseObjectsWanted(request: ListObjectsRequest): ObjectsWanted {
  const { objectType } = parseObjectRef({ objectType: request.objectType, objectId: "" });
  if (objectType === "" || objectType.length > 64) throw invalid("object_type", "must be 1 to 64 characters");
  if (request.pageSize < 0 || request.pageSize > pageSizeMax) {
    throw invalid("page_size", `must be 0 to ${pageSizeMax}`);
  }
  return {
    objectType,
    action: parseAction(request.action),
    pageSize: request.pageSize || pageSizeDefault,
    minRevision: Number(request.minRevision),
  };
}
