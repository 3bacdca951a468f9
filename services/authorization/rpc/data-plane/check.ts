import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  CheckRequestSchema,
  CheckResponseSchema,
  CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  parseMessage,
  readMessage,
  readText,
  toBuffer,
  type UnaryMethod,
} from "@portcullis/service/data-plane";
import { checkLater, checkNow, type EvaluatedDecision } from "../../domain/check.ts";
import type { CheckTokenDeps } from "../../domain/check-token.ts";
import { answerCheck, viewOf } from "../check.ts";
import { encodeCheckBasis, encodeDecision } from "./encode-decision.ts";
import { readCheck } from "./read-requests.ts";

/** Tag of CheckRequest's account_id. */
const accountTag = 0x1a;

export function checkPermission(deps: CheckTokenDeps): UnaryMethod {
  return {
    kind: "unary",
    method: CheckService.method.check,
    accountNamedBy: (bytes) =>
      readText(bytes, accountTag) ?? readMessage(CheckRequestSchema, bytes).accountId,
    answer(bytes, call) {
      const question = readCheck(bytes);
      if (question === undefined) {
        const answer = answerCheck(deps, parseMessage(CheckRequestSchema, bytes), call);
        return answer instanceof Promise ? answer.then(toBytes) : toBytes(answer);
      }
      const view = viewOf(call);
      const known = checkNow(deps, view, question);
      return known === undefined ? checkLater(deps, view, question, call.signal).then(encode) : encode(known);
    },
  };
}

function encode(decision: EvaluatedDecision): Uint8Array {
  return toBuffer(encodeDecision(decision) + encodeCheckBasis(decision.basis));
}

function toBytes(answer: MessageInitShape<typeof CheckResponseSchema>): Uint8Array {
  return toBinary(CheckResponseSchema, create(CheckResponseSchema, answer));
}
