import {
  commonConfig,
  memoryConfig,
  oneRedis,
  peerMemoryConfig,
  readConfig,
  receiptConfig,
  redisConfig,
  tlsConfig,
  urlOf,
  wholeTls,
} from "@portcullis/service";
import { z } from "zod";

const fields = z.object({
  ...commonConfig,
  ...receiptConfig,
  ...memoryConfig,
  ...peerMemoryConfig,
  ...redisConfig,
  ...tlsConfig,
  /** Port of the data plane: the hot RPCs, over gRPC only; 0 takes a free one. Absent: there is none. */
  DATA_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  /** Where the authorization service's control plane listens. */
  AUTHORIZATION_URL: urlOf("http", "https"),
  /** Where the identity service's control plane listens. */
  IDENTITY_URL: urlOf("http", "https"),
  /** How long another service may take to answer, in milliseconds. */
  PEER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
});

const schema = fields.refine(oneRedis.check, oneRedis.params).refine(wholeTls.check, wholeTls.params);

/** The credential service's configuration. */
export type CredentialConfig = Readonly<z.infer<typeof schema>>;

/** Reads it from environment variables; ConfigError names every problem. */
export function readCredentialConfig(
  environment: Readonly<Record<string, string | undefined>>,
): CredentialConfig {
  return readConfig(schema, environment);
}
