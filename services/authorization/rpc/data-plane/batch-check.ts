import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  BatchCheckRequestSchema,
  BatchCheckResponseSchema,
  CheckService,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import {
  delimited,
  parseMessage,
  readMessage,
  readText,
  toBuffer,
  type UnaryMethod,
} from "@portcullis/service/data-plane";
import { type BatchDecisions, batchCheck as check } from "../../domain/batch-check.ts";
import type { CheckDeps } from "../../domain/check.ts";
import { parseAccountId } from "../../domain/ids.ts";
import { answerBatchCheck } from "../batch-check.ts";
import { encodeBatchBasis, encodeDecision } from "./encode-decision.ts";
import { readBatch } from "./read-requests.ts";

/** Tag of BatchCheckRequest's account_id. */
const accountTag = 0x0a;

export function batchCheck(deps: CheckDeps): UnaryMethod {
  return {
    kind: "unary",
    method: CheckService.method.batchCheck,
    accountNamedBy: (bytes) =>
      readText(bytes, accountTag) ?? readMessage(BatchCheckRequestSchema, bytes).accountId,
    answer(bytes, call) {
      const items = readBatch(bytes);
      if (items === undefined) {
        const answer = answerBatchCheck(deps, parseMessage(BatchCheckRequestSchema, bytes), call);
        return answer instanceof Promise ? answer.then(toBytes) : toBytes(answer);
      }
      const known = check(deps, parseAccountId(call.accountId), items, 0, call);
      return known instanceof Promise ? known.then(encode) : encode(known);
    },
  };
}

function encode({ decisions, basis }: BatchDecisions): Uint8Array {
  let bytes = "";
  for (const decision of decisions) bytes += delimited("\x0a", encodeDecision(decision));
  return toBuffer(bytes + encodeBatchBasis(basis));
}

function toBytes(answer: MessageInitShape<typeof BatchCheckResponseSchema>): Uint8Array {
  return toBinary(BatchCheckResponseSchema, create(BatchCheckResponseSchema, answer));
}
