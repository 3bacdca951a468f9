import { create, type MessageInitShape } from "@bufbuild/protobuf";
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
import type { CheckQuestion, Decision, DecisionReason, ObjectQuestion, Subject } from "./decision.ts";

export function toCheckRequest(subject: Subject, question: CheckQuestion): CheckRequest {
  return create(CheckRequestSchema, {
    subject: { accountId: subject.accountId, principalId: subject.principalId },
    ...toQuestion(question),
    accountId: question.accountId ?? "",
    forCache: true,
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
    forCache: true,
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
