import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { DomainError } from "@portcullis/errors";
import { newId } from "@portcullis/service";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide, type FactsQuestion } from "./domain/decide.ts";
import { type AccountId, parseAccountId } from "./domain/ids.ts";
import { services } from "./rpc/routes.ts";
import { type Account, changes, dice, newAccount } from "./testing/changes.ts";
import { type OpenedDatabase, openTestDatabase } from "./testing/database.ts";
import { naiveAnswer, type World } from "./testing/naive-engine.ts";
import { ref } from "./testing/principals.ts";
import { objectIds, objectTypes, permissionIds, principalIds } from "./testing/worlds.ts";

const { signal } = new AbortController();
const accounts = 20;
const changesPerAccount = 50;
let opened: OpenedDatabase;

beforeAll(async () => {
  opened = await openTestDatabase();
});

afterAll(() => opened.end());

type Kind = keyof typeof changes;
const kinds = Object.keys(changes) as Kind[]; // They are its own keys.

/** Kinds that need others before them come more often. */
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...kinds) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Kind[]>("createGroup", "createRole", "registerObjects", "assignRoles"),
  },
  { weight: 2, arbitrary: fc.constantFrom<Kind[]>("addGroupMembers", "addGroupRoles", "shareObjects") },
  { weight: 1, arbitrary: fc.constantFrom<Kind[]>("setObjectAccess", "rescueObjects") },
);

/** Every question there is about the account, each permission and object by itself, and some together. */
function allQuestions(accountId: AccountId): readonly FactsQuestion[] {
  const objects = objectTypes.flatMap((objectType) =>
    objectIds.flatMap((objectId) =>
      (["view", "modify"] as const).map((action) => ({ objectType, objectId, action })),
    ),
  );
  const asked = [
    ...permissionIds.map((permission) => ({ permission, object: undefined })),
    ...objects.map((object) => ({ permission: undefined, object })),
    { permission: "ingestion", object: objects[0] },
  ];
  return [...principalIds, "user_none"].flatMap((principalId) =>
    asked.map((one) => ({ ...one, accountId, subject: ref(accountId, principalId) })),
  );
}

function naively(world: World, questions: readonly FactsQuestion[]): readonly boolean[] {
  return questions.map(({ subject, permission, object }) =>
    naiveAnswer(world, subject.principalId, permission, object),
  );
}

/** The answers; in an account that is not deleted they must have come from memory. */
async function answers(questions: readonly FactsQuestion[], { account }: World): Promise<readonly boolean[]> {
  const { found } = await opened.memory.facts.find(questions, 0, signal);
  if (account !== "deleted") expect(found.every(({ dependsOn }) => dependsOn.length > 0)).toBe(true);
  return questions.map((question, index) => decide(found[index]?.facts, question).allowed);
}

test("whatever has changed, from the return of the change on what is remembered is as if it were worked out anew", async () => {
  const done = new Map<string, number>();
  let catalog: Pick<World, "registered" | "types"> = { registered: [], types: [] };
  let different = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(kind, dice), { minLength: changesPerAccount, maxLength: changesPerAccount }),
      async (sequence) => {
        let account: Account = newAccount(parseAccountId(newId("acct")), catalog);
        const questions = allQuestions(account.accountId);
        for (const principalId of principalIds.slice(0, 4)) {
          const first = { principalId, state: "active", one: 1 } as const;
          const [sample] = fc.sample(dice, 1);
          if (sample === undefined) throw new Error("there is no sample");
          account = await changes.applyPrincipal(opened.stores, account, { ...sample, ...first });
        }
        let before = await answers(questions, account.world);
        for (const [name, thrown] of sequence) {
          try {
            account = await changes[name](opened.stores, account, thrown);
            done.set(name, (done.get(name) ?? 0) + 1);
          } catch (error) {
            // Refused: nothing has changed.
            if (!(error instanceof DomainError)) throw error;
          }
          catalog = { registered: account.world.registered, types: account.world.types };
          const expected = naively(account.world, questions);
          const now = await answers(questions, account.world);
          expect(now, `after ${name}`).toEqual(expected);
          if (now.some((answer, index) => answer !== before[index])) different++;
          before = now;
        }
      },
    ),
    { numRuns: accounts, endOnFailure: true },
  );
  expect(kinds.filter((name) => !done.has(name))).toEqual([]);
  // Not a test of changes that change nothing.
  expect(different).toBeGreaterThan((accounts * changesPerAccount) / 20);
}, 240_000);

test("no operation that changes something is left out above", () => {
  const mutations = services.flatMap(({ methods }) =>
    methods
      .filter(({ methodKind }) => methodKind === "unary")
      .filter(({ idempotency }) => idempotency !== Idempotency.NO_SIDE_EFFECTS)
      .map(({ localName }) => localName),
  );
  expect(kinds.toSorted()).toEqual(mutations.toSorted());
});
