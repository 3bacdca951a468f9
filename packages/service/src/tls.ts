import { readFile } from "node:fs/promises";
import { z } from "zod";

/** How a server proves itself, and whom it lets connect. PEM. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Who connects must show a certificate that one of these has signed. */
  readonly clientCa?: Buffer;
}

/** TLS on all ports of a service; without it connections are not encrypted. */
export const tlsConfig = {
  /** The certificate and those above it, PEM. */
  TLS_CERT_FILE: z.string().optional(),
  /** Its private key, PEM. */
  TLS_KEY_FILE: z.string().optional(),
  /** Only clients with a certificate that one of these has signed may connect; PEM. */
  TLS_CLIENT_CA_FILE: z.string().optional(),
} as const;

type TlsConfig = Readonly<z.infer<z.ZodObject<typeof tlsConfig>>>;

/** For the `refine` of a schema with `tlsConfig` in it: what belongs together is set together. */
export const wholeTls = {
  check: ({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CLIENT_CA_FILE: clientCa }: TlsConfig) =>
    (cert === undefined) === (key === undefined) && (clientCa === undefined || cert !== undefined),
  params: {
    path: ["TLS_CERT_FILE"],
    message: "set TLS_CERT_FILE and TLS_KEY_FILE together, and TLS_CLIENT_CA_FILE only with them",
    // Also beside other problems: all are reported at once.
    when: ({ value }: { readonly value: unknown }) => typeof value === "object",
  },
};

/** Reads the files; undefined if none are named. Rejects with the system's error for one that can't be read. */
export async function readTls(config: TlsConfig): Promise<Tls | undefined> {
  const { TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE } = config;
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return undefined;
  const [cert, key] = await Promise.all([readFile(TLS_CERT_FILE), readFile(TLS_KEY_FILE)]);
  if (TLS_CLIENT_CA_FILE === undefined) return { cert, key };
  return { cert, key, clientCa: await readFile(TLS_CLIENT_CA_FILE) };
}
