import { z } from "zod";

/** The environment does not make a valid configuration; the message lists everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads a frozen configuration from environment variables, or throws one ConfigError that names every
 * variable with a problem. Values are never repeated in the message: they may be secrets.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<z.infer<Schema>> {
  // An empty variable is how shells and compose files say "not set".
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => {
    const name = issue.path.join(".");
    const missing = set[name] === undefined;
    return `  ${name}: ${missing && issue.code !== "custom" ? "is required" : issue.message}`;
  });
  throw new ConfigError(`The configuration has ${problems.length} problem(s):\n${problems.join("\n")}`);
}

const port = z.coerce.number().int().min(0).max(65535);

/** A URL with one of these schemes. */
export function urlOf(...schemes: readonly string[]) {
  return z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.replace(":", "")), {
      message: `must be a URL that begins with ${schemes.map((s) => `${s}://`).join(" or ")}`,
    });
}

/** What every service reads, by the names of its environment variables. */
export const commonConfig = {
  /** Address to listen on. */
  HOST: z.string().default("127.0.0.1"),
  /** Port to listen on; 0 takes a free one. */
  PORT: port,
  /** This service's own database. */
  DATABASE_URL: urlOf("postgres", "postgresql"),
  /** Connections to the database at most. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(500).default(10),
  /** The key that the services of an installation share: at least 32 bytes, base64. */
  WORKLOAD_KEY: z
    .base64({ message: "must be base64" })
    .refine((text) => Buffer.from(text, "base64").length >= 32, {
      message: "must hold at least 32 bytes, as `openssl rand -base64 32` prints them",
    }),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  /** How long calls in flight may go on after a shutdown was asked for, in milliseconds. */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).max(600_000).default(20_000),
  /** How long a call may take, in milliseconds, whatever longer deadline the caller has. */
  CALL_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(15_000),
} as const;
