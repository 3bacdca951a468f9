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
  /** Where the credential service listens: it verifies the API keys of callers. */
  CREDENTIAL_URL: urlOf("http", "https"),
});

const schema = fields.refine(oneRedis.check, oneRedis.params);

/** The authorization service's configuration. */
export type AuthorizationConfig = Readonly<z.infer<typeof schema>>;

/** The service's configuration, or one ConfigError that lists every problem. */
export function readAuthorizationConfig(
  environment: Readonly<Record<string, string | undefined>>,
): AuthorizationConfig {
  return readConfig(schema, environment);
}
