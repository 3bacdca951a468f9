import { DomainError } from "@portcullis/errors";
import { expect, test } from "vitest";
import { createArgon2Passwords } from "./argon2-passwords.ts";

const never = new AbortController().signal;
const cost = { memoryCost: 8, timeCost: 1, parallelism: 1 };

test("a hash is argon2id of 19 MiB and two passes, and fits its own password only", async () => {
  const passwords = await createArgon2Passwords();
  const hash = await passwords.hash("correct", never);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.verify(hash, "correct", never)).toBe(true);
  expect(await passwords.verify(hash, "wrong", never)).toBe(false);
});

test("where there is no hash nothing fits", async () => {
  const passwords = await createArgon2Passwords({ cost });
  expect(await passwords.verify(undefined, "anything", never)).toBe(false);
});

test("so many wait for their turn, and who comes after is told to come again", async () => {
  const passwords = await createArgon2Passwords({ cost, concurrencyMax: 1, waitingMax: 2 });
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      passwords.hash("x", never).then(
        () => "ok",
        (error: unknown) => (error instanceof DomainError ? error.reason : error),
      ),
    ),
  );
  expect(answers).toEqual(["ok", "ok", "ok", "OVERLOADED", "OVERLOADED"]);
  expect(await passwords.hash("x", never)).toMatch(/^\$argon2id/);
});
