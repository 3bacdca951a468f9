import { createVerifier, type Verifier } from "@portcullis/sdk";

export function connect(address: string, apiKey: string): Verifier {
  // Once per process: it holds the connections and the memory.
  return createVerifier({ addresses: [address], apiKey });
}

export async function mayBind(verifier: Verifier, token: string, host: string, sourceIp: string) {
  const verification = await verifier.verify(token, {
    acceptedKinds: ["authtoken"],
    action: { host },
    sourceIp,
  });
  // Whatever is not «valid» is a refusal, also what later releases may add.
  return verification.result === "valid" ? verification.credential : undefined;
}
