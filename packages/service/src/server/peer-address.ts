import { type ContextKey, createContextKey } from "@connectrpc/connect";

/** The IP address at the other end of the connection; undefined once the socket is gone. */
export const peerAddressKey: ContextKey<string | undefined> = createContextKey<string | undefined>(
  undefined,
  {
    description: "peer address",
  },
);
