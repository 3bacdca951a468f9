import { type Logger, pino } from "pino";

/** Our tokens, wherever they turn up in a text. */
const tokenPattern = /\bpc(?:at|ak|se)_[0-9A-Za-z_]+/g;

/**
 * JSON lines on standard output. Known fields with secrets are cut out by name, and whatever looks like one
 * of our tokens by form, in messages and error texts too.
 */
export function createLogger(serviceName: string, level: string): Logger {
  return pino({
    name: serviceName,
    level,
    redact: {
      paths: [
        "token",
        "secret",
        "password",
        "authorization",
        "*.token",
        "*.secret",
        "*.password",
        "*.authorization",
      ],
      censor: "[secret]",
    },
    hooks: {
      streamWrite: (line) => (line.includes("pc") ? line.replace(tokenPattern, "[secret]") : line),
    },
  });
}
