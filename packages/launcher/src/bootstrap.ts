import process from "node:process";
import { commonConfig, configOrExit, readConfig, urlOf } from "@portcullis/service";
import { z } from "zod";
import { createAdministratorKey } from "./administrator-key.ts";
import { LauncherError } from "./launcher-error.ts";

const schema = z.object({
  WORKLOAD_KEY: commonConfig.WORKLOAD_KEY,
  IDENTITY_URL: urlOf("http", "https"),
  AUTHORIZATION_URL: urlOf("http", "https"),
  CREDENTIAL_URL: urlOf("http", "https"),
});

/**
 * `npm run bootstrap`: gives services that run elsewhere a first account, a super administrator and an API key,
 * as `npm start` does, and prints the key alone on standard output. Run again, it makes another key.
 */
const config = configOrExit(() => readConfig(schema, process.env));
const urls = {
  identity: config.IDENTITY_URL,
  authorization: config.AUTHORIZATION_URL,
  credential: config.CREDENTIAL_URL,
};
try {
  const endpoints = Object.entries(urls).map(([name, url]) => {
    const { hostname, port } = new URL(url);
    return { name, url, host: hostname, port: Number(port) };
  });
  const key = await createAdministratorKey(endpoints, config.WORKLOAD_KEY, "Made by npm run bootstrap");
  process.stdout.write(`${key}\n`);
  // Kept connections would hold the process.
  process.exit(0);
} catch (error) {
  if (!(error instanceof LauncherError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(1);
}
