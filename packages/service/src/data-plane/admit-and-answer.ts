import type { Access } from "@portcullis/contracts/portcullis/common/v1/access_pb.ts";
import type { Admitted } from "../admit.ts";
import type { Gate } from "../gate.ts";
import type { DataCall } from "./data-call.ts";
import type { UnaryMethod } from "./methods.ts";

/** Lets a call in and answers it; at once, and with no closure made, unless something must be waited for. */
export function admitAndAnswer(
  gate: Gate,
  access: Access,
  unary: UnaryMethod,
  request: Buffer,
  call: DataCall,
): Uint8Array | Promise<Uint8Array> {
  const admitted = gate.admit(access, call, unary.accountNamedBy?.(request) ?? "");
  if (admitted instanceof Promise) return answerOnceAdmitted(admitted, unary, request, call);
  call.admit(admitted);
  return unary.answer(request, call);
}

async function answerOnceAdmitted(
  admitted: Promise<Admitted>,
  unary: UnaryMethod,
  request: Buffer,
  call: DataCall,
): Promise<Uint8Array> {
  call.admit(await admitted);
  return unary.answer(request, call);
}
