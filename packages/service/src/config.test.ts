import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, commonConfig, readConfig } from "./config.ts";

const schema = z.object(commonConfig);
const good = {
  PORT: "7401",
  DATABASE_URL: "postgres://u:p@127.0.0.1/identity",
  WORKLOAD_KEY: randomBytes(32).toString("base64"),
};

test("a complete environment becomes a frozen configuration with its defaults", () => {
  const config = readConfig(schema, { ...good, UNRELATED: "x", LOG_LEVEL: "" });
  expect(config).toMatchObject({ PORT: 7401, HOST: "127.0.0.1", LOG_LEVEL: "info", DATABASE_POOL_MAX: 10 });
  expect(Object.isFrozen(config)).toBe(true);
});

test("every problem is reported at once, by the variable's name", () => {
  const read = () => readConfig(schema, { PORT: "99999", LOG_LEVEL: "loud", DATABASE_URL: "mysql://x/y" });
  expect(read).toThrow(ConfigError);
  for (const name of ["PORT", "LOG_LEVEL", "DATABASE_URL", "WORKLOAD_KEY"]) expect(read).toThrow(name);
  expect(read).toThrow("WORKLOAD_KEY: is required");
});

test("values are not repeated: they may be secrets", () => {
  const secret = "c2hvcnQ=";
  let message = "";
  try {
    readConfig(schema, { ...good, WORKLOAD_KEY: secret, DATABASE_URL: "hunter2" });
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain("at least 32 bytes");
  expect(message).not.toContain(secret);
  expect(message).not.toContain("hunter2");
});
