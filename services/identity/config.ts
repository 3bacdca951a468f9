import { commonConfig, readConfig, urlOf } from "@portcullis/service";
import { z } from "zod";

const schema = z.object({
  ...commonConfig,
  /** Where the credential service's control plane listens. */
  CREDENTIAL_URL: urlOf("http", "https"),
  /** Where the authorization service's control plane listens. */
  AUTHORIZATION_URL: urlOf("http", "https"),
  /** How long another service may take to answer, in milliseconds. */
  PEER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
});

/** Identity's configuration. */
export type IdentityConfig = Readonly<z.infer<typeof schema>>;

/** Reads it from environment variables; ConfigError names every problem. */
export function readIdentityConfig(
  environment: Readonly<Record<string, string | undefined>>,
): IdentityConfig {
  return readConfig(schema, environment);
}
