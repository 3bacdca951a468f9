import { toBinary } from "@bufbuild/protobuf";
import {
  VerificationService,
  VerifyStreamRequestSchema,
  VerifyStreamResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  type ByteStream,
  type Bytes,
  delimited,
  parseMessage,
  type StreamMethod,
  toBuffer,
} from "@portcullis/service/data-plane";
import type { Verdict } from "../../domain/decide.ts";
import { type Asker, type OpenedToken, thisMoment, verifyTokenNow } from "../../domain/verify-token.ts";
import { verifyTokensLater } from "../../domain/verify-tokens.ts";
import type { CredentialDeps } from "../deps.ts";
import { askerOf } from "../verification-messages.ts";
import { askMs, VerificationStream, waitingMax } from "../verification-stream.ts";
import { encodeVerification } from "./encode-verification.ts";
import { readStreamed, type StreamedToken } from "./read-requests.ts";

export function verifyStream(deps: CredentialDeps): StreamMethod {
  return {
    kind: "stream",
    method: VerificationService.method.verifyStream,
    serve(stream, call) {
      const asker = askerOf(call);
      const verifications = new VerificationStream(deps, call, {
        push(message) {
          if (stream.waiting >= waitingMax) return false;
          stream.write(toBinary(VerifyStreamResponseSchema, message));
          return true;
        },
        get hasEnded() {
          return stream.hasEnded;
        },
        end: (error) => stream.end(error),
      });
      return {
        onMessage(bytes) {
          const items = readStreamed(bytes);
          if (items === undefined) return verifications.take(parseMessage(VerifyStreamRequestSchema, bytes));
          const later = answerNow(deps, stream, items, asker);
          if (later.length === 0) return undefined;
          return verifications.track(answerLater(deps, stream, later));
        },
        onEnd: () => void verifications.finish(),
        onClose: () => verifications.leave(),
      };
    },
  };
}

type Waiting = StreamedToken & { readonly opened: OpenedToken };

/** What memory can tell goes out in one message; returns the rest. */
function answerNow(
  deps: CredentialDeps,
  stream: ByteStream,
  items: readonly StreamedToken[],
  asker: Asker,
): readonly Waiting[] {
  const waiting: Waiting[] = [];
  let answers: Bytes = "";
  const moment = thisMoment(deps);
  for (const item of items) {
    const known = verifyTokenNow(deps, item.request.question, asker, moment);
    if ("locator" in known) waiting.push({ ...item, opened: known });
    else answers += encodeAnswer(deps, item, known);
  }
  if (answers !== "") stream.write(toBuffer(answers));
  return waiting;
}

async function answerLater(
  deps: CredentialDeps,
  stream: ByteStream,
  waiting: readonly Waiting[],
): Promise<void> {
  const opened = waiting.map((item) => item.opened);
  const signal = AbortSignal.any([stream.signal, AbortSignal.timeout(askMs)]);
  const verdicts = await verifyTokensLater(deps, opened, signal);
  let answers: Bytes = "";
  for (const [index, item] of waiting.entries()) {
    const verdict = verdicts[index];
    if (verdict !== undefined) answers += encodeAnswer(deps, item, verdict);
  }
  stream.write(toBuffer(answers));
}

/** A StreamedAnswer in `answers`. */
function encodeAnswer({ clock }: CredentialDeps, { id, request }: StreamedToken, verdict: Verdict): Bytes {
  const verification = encodeVerification(verdict, request.forCache ? clock() : undefined);
  return delimited("\x0a", (id === "" ? "" : `\x08${id}`) + delimited("\x12", verification));
}
