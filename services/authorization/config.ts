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
  /** Where the credential service listens: it verifies the API keys of callers. */
  CREDENTIAL_URL: urlOf("http", "https"),
});

const schema = fields.refine(oneRedis.check, oneRedis.params).refine(wholeTls.check, wholeTls.params);

/** The authorization service's configuration. */
export type AuthorizationConfig = Readonly<z.infer<typeof schema>>;

/** The service's configuration, or one ConfigError that lists every problem. */
export function readAuthorizationConfig(
  environment: Readonly<Record<string, string | undefined>>,
): AuthorizationConfig {
  return readConfig(schema, environment);
}
