import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigError,
  commonConfig,
  peerMemoryConfig,
  readConfig,
  receiptConfig,
  urlOf,
} from "@portcullis/service";
import { z } from "zod";
import { parseEncryptionKeys } from "./secrets/sealer.ts";

const yearSeconds = 31_536_000;

const schema = z.object({
  ...commonConfig,
  ...receiptConfig,
  ...peerMemoryConfig,
  /** What secrets in the database are sealed with, with the first of them, and opened with: `<id>:<base64>`, with commas between. */
  IDENTITY_ENCRYPTION_KEYS: z.string().transform((text, context) => {
    const keys = parseEncryptionKeys(text);
    if (keys !== undefined) return keys;
    context.addIssue(
      "must be <id>:<key> of 32 bytes in base64, or several with commas between; make one with `echo k1:$(openssl rand -base64 32)`",
    );
    return z.NEVER;
  }),
  /** Where the credential service's control plane listens. */
  CREDENTIAL_URL: urlOf("http", "https"),
  /** Where the authorization service's control plane listens. */
  AUTHORIZATION_URL: urlOf("http", "https"),
  /** How long another service may take to answer, in milliseconds. */
  PEER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  /** `production` refuses stand-ins that are for development only. */
  NODE_ENV: z.string().default("development"),
  /** Where people reach the installation: links in mails lead there. Without a slash at the end. */
  PUBLIC_URL: urlOf("http", "https")
    .default("http://localhost:7400")
    .transform((url) => url.replace(/\/$/, "")),
  /** The mail server; without it mails are written to MAIL_FOLDER (development only). */
  SMTP_URL: urlOf("smtp", "smtps").optional(),
  /** Who mails are from. */
  MAIL_FROM: z.string().default("Portcullis <portcullis@localhost>"),
  /** Where mails are written to while there is no mail server. */
  MAIL_FOLDER: z.string().default(join(tmpdir(), "portcullis-mail")),
  /** Without use for so long a session ends. */
  SESSION_IDLE_SECONDS: z.coerce.number().int().min(60).max(yearSeconds).default(43_200),
  /** After so long a session ends in any case. */
  SESSION_LIFETIME_SECONDS: z.coerce.number().int().min(60).max(yearSeconds).default(604_800),
  /** Passwords that are checked at once; each takes 19 MiB and a thread. */
  PASSWORD_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
});

/** What has a default that is good for development alone. */
const productionOnly = ["SMTP_URL", "MAIL_FROM", "PUBLIC_URL"] as const;

/** Identity's configuration. */
export type IdentityConfig = Readonly<z.infer<typeof schema>>;

/** Reads it from environment variables; ConfigError names every problem. */
export function readIdentityConfig(
  environment: Readonly<Record<string, string | undefined>>,
): IdentityConfig {
  const config = readConfig(schema, environment);
  if (config.NODE_ENV !== "production") return config;
  const missing = productionOnly.filter((name) => (environment[name] ?? "") === "");
  if (missing.length === 0) return config;
  const problems = missing.map((name) => `  ${name}: is required when NODE_ENV is production`);
  throw new ConfigError(`The configuration has ${missing.length} problem(s):\n${problems.join("\n")}`);
}
