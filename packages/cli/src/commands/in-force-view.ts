import {
  EnforcementMethod,
  type RevocationReceipt,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import type { Field, View } from "../output/view.ts";
import { exactInstant } from "../output/words.ts";

/** How a change that takes access away is in force; nothing for an answer without a receipt. */
export function inForceFields(receipt: RevocationReceipt | undefined): readonly Field[] {
  const told = inForce(receipt);
  return told === undefined ? [] : [["In force", told]];
}

/** Says what was done, and how it is in force. */
export function doneView(text: string, receipt?: RevocationReceipt): View {
  const told = inForce(receipt);
  return { kind: "line", text: told === undefined ? text : `${text} In force ${told}.` };
}

/** Since when, where and by what; undefined for an answer without a receipt. */
function inForce(receipt: RevocationReceipt | undefined): string | undefined {
  const statement = receipt?.statement;
  if (statement === undefined) return undefined;
  const { effectiveTime, enforcements } = statement;
  const replicas = enforcements.flatMap(({ verifiers }) => verifiers).length;
  const waited = enforcements.some(({ method }) => method !== EnforcementMethod.ACKNOWLEDGED);
  return [
    `since ${exactInstant(effectiveTime)}`,
    ...(replicas === 0 ? [] : [replicas === 1 ? "on 1 replica" : `on ${replicas} replicas`]),
    waited ? "(waited)" : "(acknowledged)",
  ].join(" ");
}
