import { type ContextKey, createContextKey } from "@connectrpc/connect";

/** The IP address that a call comes from: of the other end of the connection, or of the gateway's caller. Undefined once the socket is gone. */
export const peerAddressKey: ContextKey<string | undefined> = createContextKey<string | undefined>(
  undefined,
  {
    description: "peer address",
  },
);
