import { newId } from "@portcullis/service";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../domain/decide.ts";
import { effectivePermissions } from "../domain/holdings.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { naiveAnswer } from "../testing/naive-engine.ts";
import { ref } from "../testing/principals.ts";
import { load, loadCatalog, permissionIds, principalIds, question, worlds } from "../testing/worlds.ts";
import type { FactsSource } from "./facts-source.ts";
import { createPostgresFacts } from "./postgres-facts.ts";

const { signal } = new AbortController();
const accounts = 100;
const questionsPerAccount = 100;
let opened: OpenedDatabase;
let source: FactsSource;

beforeAll(async () => {
  opened = await openTestDatabase();
  source = createPostgresFacts(opened.database.db);
  await loadCatalog(opened.database.db);
});

afterAll(() => opened.end());

test(`the engine answers ${accounts * questionsPerAccount} questions as the rules written down naively do`, async () => {
  let answered = 0;
  let allowed = 0;
  await fc.assert(
    fc.asyncProperty(
      worlds,
      fc.array(question, { minLength: questionsPerAccount, maxLength: questionsPerAccount }),
      async (world, questions) => {
        const accountId = newId("acct");
        await load(opened.database.db, accountId, world);
        const asked = questions.map(({ principalId, asked: { permission, object: about } }) => ({
          subject: ref(accountId, principalId),
          accountId,
          permission,
          object: about,
        }));
        const { facts } = await source.facts(asked, signal);
        const answers = asked.map((one, index) => decide(facts[index], one).allowed);
        const expected = asked.map((one) =>
          naiveAnswer(world, one.subject.principalId, one.permission, one.object),
        );
        expect(answers).toEqual(expected);
        // From memory, with the same reasons.
        const { found } = await opened.memory.facts.find(asked, 0, signal);
        expect(asked.map((one, index) => decide(found[index]?.facts, one))).toEqual(
          asked.map((one, index) => decide(facts[index], one)),
        );
        answered += answers.length;
        allowed += answers.filter(Boolean).length;
      },
    ),
    { numRuns: accounts, endOnFailure: true },
  );
  expect(answered).toBeGreaterThanOrEqual(10_000);
  // Not a test of one answer.
  expect(allowed / answered).toBeGreaterThan(0.05);
  expect(allowed / answered).toBeLessThan(0.8);
});

test("what is listed is what is allowed, permission by permission", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const accountId = newId("acct");
      await load(opened.database.db, accountId, world);
      for (const principalId of principalIds) {
        const { holdings } = await opened.stores.subjects.find(ref(accountId, principalId), signal);
        const listed = holdings === undefined ? [] : [...effectivePermissions(holdings).keys()];
        const expected = permissionIds.filter((id) => naiveAnswer(world, principalId, id, undefined));
        expect(listed.filter((id) => permissionIds.some((one) => one === id)).toSorted()).toEqual(
          expected.toSorted(),
        );
      }
    }),
    { numRuns: accounts, endOnFailure: true },
  );
});
