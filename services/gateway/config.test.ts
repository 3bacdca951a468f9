import { expect, test } from "vitest";
import { addressList, publicOriginOf, readGatewayConfig, redisTargetOf } from "./config.ts";

const minimal = {
  PORT: "7404",
  WORKLOAD_KEY: Buffer.alloc(32, 7).toString("base64"),
  IDENTITY_URL: "http://127.0.0.1:7401",
  AUTHORIZATION_URL: "http://127.0.0.1:7402",
  CREDENTIAL_URL: "http://127.0.0.1:7403",
  REDIS_URL: "redis://127.0.0.1:6379",
};

test("little has to be said, and limits are ngrok's", () => {
  const config = readGatewayConfig(minimal);
  expect(config).toMatchObject({ ACCOUNT_REQUESTS_MAX: 120, REQUESTS_WINDOW_MS: 60_000, CORS_ORIGINS: [] });
  expect(publicOriginOf(config)).toBe("http://127.0.0.1:7404");
  expect(publicOriginOf(readGatewayConfig({ ...minimal, HOST: "::1" }))).toBe("http://[::1]:7404");
  expect(redisTargetOf(config)).toEqual({ url: minimal.REDIS_URL });
});

test.each([
  [{ PUBLIC_ORIGIN: "https://api.example.test/" }, "PUBLIC_ORIGIN"],
  [{ PUBLIC_ORIGIN: "https://api.example.test/x" }, "PUBLIC_ORIGIN"],
  [{ TRUSTED_PROXIES: "10.0.0.0/8,everywhere" }, "TRUSTED_PROXIES"],
  [{ TRUSTED_PROXIES: "10.0.0.0/33" }, "TRUSTED_PROXIES"],
  [{ CORS_ORIGINS: "example.test" }, "CORS_ORIGINS"],
  [{ REDIS_URL: undefined }, "REDIS_URL"],
  [{ REDIS_CLUSTER_NODES: "redis://a" }, "REDIS_URL"],
  [{ IDENTITY_URL: "localhost" }, "IDENTITY_URL"],
])("%o is refused by its name", (wrong, name) => {
  expect(() => readGatewayConfig({ ...minimal, ...wrong })).toThrow(name);
});

test("addresses are known by range, in both families", () => {
  const list = addressList(["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]);
  expect(list.check("10.1.2.3")).toBe(true);
  expect(list.check("192.0.2.2")).toBe(false);
  expect(list.check("2001:db8::1", "ipv6")).toBe(true);
});
