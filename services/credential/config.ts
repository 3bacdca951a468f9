import {
  commonConfig,
  memoryConfig,
  oneRedis,
  readConfig,
  receiptConfig,
  redisConfig,
  urlOf,
} from "@portcullis/service";
import { z } from "zod";

const fields = z.object({
  ...commonConfig,
  ...receiptConfig,
  ...memoryConfig,
  ...redisConfig,
  /** Where the authorization service's control plane listens. */
  AUTHORIZATION_URL: urlOf("http", "https"),
  /** Where the identity service's control plane listens. */
  IDENTITY_URL: urlOf("http", "https"),
  /** How long another service may take to answer, in milliseconds. */
  PEER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
});

const schema = fields.refine(oneRedis.check, oneRedis.params);

/** The credential service's configuration. */
export type CredentialConfig = Readonly<z.infer<typeof schema>>;

/** Reads it from environment variables; ConfigError names every problem. */
export function readCredentialConfig(
  environment: Readonly<Record<string, string | undefined>>,
): CredentialConfig {
  return readConfig(schema, environment);
}
