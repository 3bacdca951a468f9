import { newId } from "@portcullis/service";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyPrincipal } from "../domain/apply-principal.ts";
import { createRoleBinding } from "../domain/create-role-binding.ts";
import { deleteRoleBinding } from "../domain/delete-role-binding.ts";
import { holdMember } from "../domain/hold-member.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { setMemberRoles } from "../domain/set-member-roles.ts";
import { type OpenedDatabase, openTestDatabase } from "../testing/database.ts";
import { pausing, untilBlocked } from "../testing/pausing.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { createPostgresRoleBindings } from "./postgres-role-bindings.ts";
import { createPostgresSubjects } from "./postgres-subjects.ts";

const { signal } = new AbortController();
const now = () => new Date();
const lastAdministrator = expect.objectContaining({ reason: "LAST_ADMINISTRATOR" });
let opened: OpenedDatabase;
let work: UnitOfWork;
let accountId: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  ({ work } = opened.stores);
});

afterAll(() => opened.end());

beforeEach(async () => {
  accountId = newId("acct");
  const roleBindings = createPostgresRoleBindings(opened.database.db);
  for (const principalId of ["user_a", "user_b"]) {
    await applyPrincipal({ work }, identity, principal(accountId, principalId), signal);
    const deps = { work, roleBindings, now };
    await createRoleBinding(deps, mutation(accountId), ref(accountId, principalId), "administrator", signal);
  }
});

const plain = {
  developer: "developer_read_write",
  team: "team_read_only",
  billing: "billing_none",
  administrator: false,
} as const;

/** Everything that takes an administrator out of the count. */
const takers = {
  hold: (principalId: string, through: UnitOfWork) =>
    holdMember({ work: through }, identity, ref(accountId, principalId), 2, signal),
  demotion: (principalId: string, through: UnitOfWork) =>
    setMemberRoles(
      { work: through, subjects: createPostgresSubjects(opened.database.db), now },
      mutation(accountId),
      ref(accountId, principalId),
      plain,
      signal,
    ),
  unbinding: (principalId: string, through: UnitOfWork) =>
    deleteRoleBinding(
      { work: through },
      mutation(accountId),
      ref(accountId, principalId),
      "administrator",
      signal,
    ),
} as const;

const kinds = ["hold", "demotion", "unbinding"] as const;
const races = kinds.flatMap((first) =>
  kinds.flatMap((second) => [
    [first, "user_a", second, "user_b"] as const,
    [first, "user_b", second, "user_a"] as const,
  ]),
);

test.each(races)(
  "a %s of %s makes a %s of %s at the same time wait, and be refused",
  async (first, a, second, b) => {
    const paused = pausing(work);
    const winner = takers[first](a, paused);
    await paused.reached;
    const loser = expect(takers[second](b, work)).rejects.toEqual(lastAdministrator);
    await untilBlocked(opened.database.db);
    paused.release();
    await winner;
    await loser;
  },
);

test("two holds of the same member at once are both answered", async () => {
  const paused = pausing(work);
  const first = takers.hold("user_a", paused);
  await paused.reached;
  const second = takers.hold("user_a", work);
  await untilBlocked(opened.database.db);
  paused.release();
  expect(await first).toBeInstanceOf(Date);
  expect(await second).toBeInstanceOf(Date);
});
