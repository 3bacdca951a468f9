import type { Session } from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import type { View } from "../output/view.ts";
import { instant } from "../output/words.ts";

/** Sessions, one a row. */
export function sessionsView(sessions: readonly Session[]): View {
  return {
    kind: "table",
    columns: [
      { title: "ID" },
      { title: "OWNER" },
      { title: "FROM" },
      { title: "CREATED" },
      { title: "LAST USED" },
      { title: "ENDS" },
      { title: "CURRENT" },
      { title: "PROGRAM", cut: true },
    ],
    rows: sessions.map((session) => [
      session.sessionId,
      session.ownerId,
      session.sourceIp,
      instant(session.createTime),
      instant(session.lastUseTime),
      instant(session.expireTime),
      session.current ? "yes" : "",
      session.userAgent,
    ]),
    empty: "No sessions.",
  };
}
