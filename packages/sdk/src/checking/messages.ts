import { create, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type BatchCheckItemSchema,
  type BatchCheckRequest,
  BatchCheckRequestSchema,
  type CheckRequest,
  CheckRequestSchema,
  ObjectAction,
  type ObjectQuestionSchema,
  CheckReason as Reason,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { type CacheAdvice, CacheAdviceSchema } from "@portcullis/contracts/portcullis/common/v1/watch_pb.ts";
import type { CheckQuestion, Decision, DecisionReason, ObjectQuestion, Subject } from "./decision.ts";

// Services of before they had advice for caches don't know the field, and their answers are not remembered.
const forCache = { forCache: true };

export function toCheckRequest(subject: Subject, question: CheckQuestion): CheckRequest {
  return create(CheckRequestSchema, {
    subject: { accountId: subject.accountId, principalId: subject.principalId },
    ...toQuestion(question),
    accountId: question.accountId ?? "",
    ...forCache,
  });
}

export function toTokenCheckRequest(
  token: string,
  sourceIp: string | undefined,
  question: CheckQuestion,
): CheckRequest {
  return create(CheckRequestSchema, {
    token,
    sourceIp: sourceIp ?? "",
    ...toQuestion(question),
    accountId: question.accountId ?? "",
  });
}

export interface BatchItem extends Omit<CheckQuestion, "accountId"> {
  /** The user or service user. */
  readonly principalId: string;
}

export function toBatchRequest(accountId: string, items: readonly BatchItem[]): BatchCheckRequest {
  return create(BatchCheckRequestSchema, {
    accountId,
    items: items.map(
      (item): MessageInitShape<typeof BatchCheckItemSchema> => ({
        principalId: item.principalId,
        ...toQuestion(item),
      }),
    ),
    ...forCache,
  });
}

function toQuestion({ permission, object }: Pick<CheckQuestion, "permission" | "object">) {
  return {
    permissionId: permission ?? "",
    ...(object === undefined ? {} : { object: toObject(object) }),
  };
}

function toObject({ type, id, action }: ObjectQuestion): MessageInitShape<typeof ObjectQuestionSchema> {
  return {
    objectType: type,
    objectId: id,
    action: action === "view" ? ObjectAction.VIEW : ObjectAction.MODIFY,
  };
}

interface WireDecision {
  readonly allowed: boolean;
  readonly reason: Reason;
  readonly subjectVersion: bigint;
}

export function parseDecision(message: WireDecision, evaluatedRevision: bigint): Decision {
  return {
    allowed: message.allowed,
    reason: reasonNames.get(message.reason) ?? "unrecognized",
    subjectVersion: Number(message.subjectVersion),
    evaluatedRevision: Number(evaluatedRevision),
  };
}

/** What the service says of remembering an answer; undefined: it must not be. */
export function adviceOf(message: object): CacheAdvice | undefined {
  return "cache" in message && isMessage(message.cache, CacheAdviceSchema) ? message.cache : undefined;
}

const reasonNames: ReadonlyMap<Reason, DecisionReason> = new Map([
  [Reason.SUPER_ADMIN, "super_admin"],
  [Reason.ROLE, "role"],
  [Reason.SERVICE_USER_POLICY, "service_user_policy"],
  [Reason.NOT_GRANTED, "not_granted"],
  [Reason.SUBJECT_UNKNOWN, "subject_unknown"],
  [Reason.SUBJECT_INACTIVE, "subject_inactive"],
  [Reason.DIRECT_PERMISSION, "direct_permission"],
  [Reason.OBJECT_ACCESS, "object_access"],
  [Reason.OBJECT_NOT_ACCESSIBLE, "object_not_accessible"],
  [Reason.TOKEN_REFUSED, "token_refused"],
  [Reason.ACCOUNT_SUSPENDED, "account_suspended"],
]);
