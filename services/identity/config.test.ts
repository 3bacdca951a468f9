import { testReceiptSigningKeys } from "@portcullis/service/testing";
import { expect, test } from "vitest";
import { readIdentityConfig } from "./config.ts";

const required = {
  PORT: "0",
  DATABASE_URL: "postgres://localhost/identity",
  WORKLOAD_KEY: Buffer.alloc(32).toString("base64"),
  RECEIPT_SIGNING_KEYS: testReceiptSigningKeys,
  CREDENTIAL_URL: "http://localhost:1",
  AUTHORIZATION_URL: "http://localhost:2",
  IDENTITY_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString("base64")}`,
};

test("development needs nothing for mails", () => {
  expect(readIdentityConfig(required).SMTP_URL).toBeUndefined();
});

test("production does not start on a stand-in for mails", () => {
  expect(() => readIdentityConfig({ ...required, NODE_ENV: "production" })).toThrow(
    /SMTP_URL.*\n.*MAIL_FROM.*\n.*PUBLIC_URL/,
  );
  const mail = {
    SMTP_URL: "smtps://mail.example",
    MAIL_FROM: "p@example.com",
    PUBLIC_URL: "https://p.example",
  };
  expect(readIdentityConfig({ ...required, ...mail, NODE_ENV: "production" })).toMatchObject(mail);
});

test.each([
  "",
  "k1",
  "k1:dG9vIHNob3J0",
  `${required.IDENTITY_ENCRYPTION_KEYS},${required.IDENTITY_ENCRYPTION_KEYS}`,
])("encryption keys like «%s» are refused, and how to make one is told", (keys) => {
  expect(() => readIdentityConfig({ ...required, IDENTITY_ENCRYPTION_KEYS: keys })).toThrow(
    keys === "" ? /IDENTITY_ENCRYPTION_KEYS: is required/ : /IDENTITY_ENCRYPTION_KEYS: .*openssl rand/,
  );
});
