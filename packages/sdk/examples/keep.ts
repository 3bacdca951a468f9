import type { Verifier } from "@portcullis/sdk";

/** Something that lasts: an agent's tunnel, a WebSocket. */
export interface Tunnel {
  close(reason: string): void;
  onClose(listener: () => void): void;
}

export async function serveTunnel(verifier: Verifier, token: string, tunnel: Tunnel): Promise<boolean> {
  const kept = await verifier.keep(token, { acceptedKinds: ["authtoken"] }, ({ result }) =>
    tunnel.close(result),
  );
  tunnel.onClose(() => kept.release());
  return kept.verification.result === "valid";
}
