import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Session } from "../call/session.ts";
import { instant } from "../output/words.ts";

/** Shows a new session's token, alone on standard output; what is to be said about it goes beside it. */
export function showSession<Desc extends DescMessage>(
  { printer }: Session,
  desc: Desc,
  response: MessageShape<Desc> & {
    readonly token: string;
    readonly accountId: string;
    readonly expireTime?: Timestamp | undefined;
  },
): void {
  const { token, accountId, expireTime } = response;
  if (printer.isJson) {
    printer.answer(desc, response, () => ({ kind: "line", text: "" }));
    return;
  }
  printer.secret(token);
  printer.note(
    `Signed in to ${accountId} until ${instant(expireTime)}. The token is shown this once; put it into PORTCULLIS_API_KEY.`,
  );
}
