import { redisTargetOf } from "@portcullis/service";
import { testReceiptSigningKeys } from "@portcullis/service/testing";
import { expect, test } from "vitest";
import { readCredentialConfig } from "./config.ts";

const base = {
  PORT: "7403",
  DATABASE_URL: "postgres://u:p@127.0.0.1/credential",
  WORKLOAD_KEY: Buffer.alloc(32, 1).toString("base64"),
  RECEIPT_SIGNING_KEYS: testReceiptSigningKeys,
  AUTHORIZATION_URL: "http://127.0.0.1:7402",
  IDENTITY_URL: "http://127.0.0.1:7401",
};
const target = (redis: Record<string, string>) => redisTargetOf(readCredentialConfig({ ...base, ...redis }));

test("Redis is one server, a cluster, or watched by Sentinels", () => {
  expect(target({ REDIS_URL: "redis://a:1" })).toEqual({ url: "redis://a:1" });
  expect(target({ REDIS_CLUSTER_NODES: "redis://a:1, redis://b:2" })).toEqual({
    clusterNodes: ["redis://a:1", "redis://b:2"],
  });
  const sentinels = { REDIS_SENTINELS: "a:1,b:2", REDIS_SENTINEL_NAME: "main", REDIS_PASSWORD: "secret" };
  expect(target(sentinels)).toEqual({
    sentinels: [
      { host: "a", port: 1 },
      { host: "b", port: 2 },
    ],
    name: "main",
    password: "secret",
  });
});

test.each([
  [{}],
  [{ REDIS_URL: "redis://a:1", REDIS_CLUSTER_NODES: "redis://b:2" }],
  [{ REDIS_SENTINELS: "a:1" }],
  [{ REDIS_URL: "redis://a:1", REDIS_SENTINEL_NAME: "main" }],
])("anything but exactly one of them is refused: %o", (redis) => {
  expect(() => target(redis)).toThrow("set exactly one of REDIS_URL");
});

test("that is reported beside all other problems", () => {
  expect(() => readCredentialConfig({ PORT: "x" })).toThrow(
    /PORT(.|\n)*AUTHORIZATION_URL(.|\n)*set exactly one/,
  );
});
