import { commonConfig, readConfig, receiptConfig, urlOf } from "@portcullis/service";
import { z } from "zod";

const schema = z.object({
  ...commonConfig,
  ...receiptConfig,
  /** Where the credential service listens: it verifies the API keys of callers. */
  CREDENTIAL_URL: urlOf("http", "https"),
});

/** The service's configuration, or one ConfigError that lists every problem. */
export function readAuthorizationConfig(environment: Readonly<Record<string, string | undefined>>) {
  return readConfig(schema, environment);
}
