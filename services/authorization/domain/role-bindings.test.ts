import { beforeEach, describe, expect, test } from "vitest";
import { InMemoryStore } from "../testing/in-memory-store.ts";
import { identity, mutation, principal, ref } from "../testing/principals.ts";
import { applyPrincipal } from "./apply-principal.ts";
import { createRoleBinding } from "./create-role-binding.ts";
import { deleteRoleBinding } from "./delete-role-binding.ts";
import { listRoleBindings } from "./list-role-bindings.ts";
import type { Principal } from "./principal.ts";

const { signal } = new AbortController();
let store: InMemoryStore;
let clockMs: number;

beforeEach(async () => {
  store = new InMemoryStore();
  clockMs = 0;
  await tell(principal("acct_a", "user_1"));
  await tell(principal("acct_a", "user_2"));
});

const tell = (told: Principal) => applyPrincipal({ work: store }, identity, told, signal);
const give = async (principalId: string, roleId: string, requestId?: string) => {
  const { value } = await createRoleBinding(
    { work: store, roleBindings: store.roleBindings, now: () => new Date(++clockMs) },
    mutation("acct_a", { requestId }),
    ref("acct_a", principalId),
    roleId,
    signal,
  );
  return value.binding;
};
const take = (principalId: string, roleId: string, requestId?: string) =>
  deleteRoleBinding(
    { work: store },
    mutation("acct_a", { requestId }),
    ref("acct_a", principalId),
    roleId,
    signal,
  );
const rolesOf = async (principalId: string) =>
  store.holdingsOf(ref("acct_a", principalId))?.boundRoleIds.toSorted();
const because = (reason: string) => expect.objectContaining({ reason });

describe("createRoleBinding", () => {
  test("gives the role, and tells since when", async () => {
    const binding = await give("user_1", "team_manager");
    expect(binding).toEqual({
      ...ref("acct_a", "user_1"),
      roleId: "team_manager",
      createdAt: new Date(1),
    });
    expect(await rolesOf("user_1")).toEqual(["team_manager"]);
    expect(store.events.at(-1)).toEqual({
      accountId: "acct_a",
      action: "role_binding.create",
      targetId: "user_1",
      detail: { roleId: "team_manager" },
    });
  });

  test("replaces the role of the same aspect only", async () => {
    await give("user_1", "team_manager");
    await give("user_1", "developer_read_only");
    await give("user_1", "team_read_only");
    expect(await rolesOf("user_1")).toEqual(["developer_read_only", "team_read_only"]);
    expect(store.events.at(-1)?.detail).toEqual({
      roleId: "team_read_only",
      replacedRoleId: "team_manager",
    });
  });

  test("of what is held changes nothing", async () => {
    const first = await give("user_1", "administrator");
    const eventCount = store.events.length;
    expect(await give("user_1", "administrator")).toEqual(first);
    expect(store.events).toHaveLength(eventCount);
  });

  test("works for an inactive and a locked user", async () => {
    await tell(principal("acct_a", "user_1", { version: 2, state: "inactive" }));
    await tell(principal("acct_a", "user_2", { version: 2, state: "locked" }));
    await give("user_1", "administrator");
    await give("user_2", "administrator");
    expect(await rolesOf("user_1")).toEqual(["administrator"]);
  });

  test("knows no principal that was never told of, or is deleted, or is in another account", async () => {
    await tell(principal("acct_b", "user_b"));
    await tell(principal("acct_a", "user_2", { version: 2, state: "deleted" }));
    for (const principalId of ["user_none", "user_2", "user_b"]) {
      await expect(give(principalId, "administrator")).rejects.toEqual(because("PRINCIPAL_NOT_FOUND"));
    }
  });

  test("gives service users nothing, not even what they have", async () => {
    await tell(principal("acct_a", "svc_1", { kind: "service_user" }));
    for (const roleId of ["administrator", "developer_read_write", "role_none"]) {
      await expect(give("svc_1", roleId)).rejects.toEqual(because("SERVICE_USER_ROLES_FIXED"));
    }
  });

  test("knows no role that is not built in", async () => {
    await expect(give("user_1", "owner")).rejects.toEqual(because("ROLE_NOT_FOUND"));
  });

  test("repeated, answers with the binding as it is now", async () => {
    const first = await give("user_1", "administrator", "r1");
    expect(await give("user_1", "administrator", "r1")).toEqual(first);
    await give("user_2", "administrator");
    await take("user_1", "administrator");
    await expect(give("user_1", "administrator", "r1")).rejects.toEqual(because("ROLE_BINDING_NOT_FOUND"));
    expect(await rolesOf("user_1")).toEqual([]);
  });
});

describe("deleteRoleBinding", () => {
  test("takes the role", async () => {
    await give("user_1", "team_manager");
    await take("user_1", "team_manager");
    expect(await rolesOf("user_1")).toEqual([]);
    expect(store.events.at(-1)).toEqual({
      accountId: "acct_a",
      action: "role_binding.delete",
      targetId: "user_1",
      detail: { roleId: "team_manager" },
    });
  });

  test("has nothing to take where the role, the user or the holding is not", async () => {
    await give("user_1", "team_manager");
    for (const [principalId, roleId] of [
      ["user_1", "administrator"],
      ["user_1", "team_read_only"],
      ["user_1", "owner"],
      ["user_none", "team_manager"],
    ] as const) {
      await expect(take(principalId, roleId)).rejects.toEqual(because("ROLE_BINDING_NOT_FOUND"));
    }
  });

  test("leaves the account an administrator", async () => {
    await give("user_1", "administrator");
    await expect(take("user_1", "administrator")).rejects.toEqual(because("LAST_ADMINISTRATOR"));
    expect(await rolesOf("user_1")).toEqual(["administrator"]);
    await give("user_2", "administrator");
    await take("user_1", "administrator");
    await expect(take("user_2", "administrator")).rejects.toEqual(because("LAST_ADMINISTRATOR"));
  });

  test.each(["inactive", "locked"] as const)("does not count an administrator who is %s", async (state) => {
    await give("user_1", "administrator");
    await give("user_2", "administrator");
    await tell(principal("acct_a", "user_2", { version: 2, state }));
    await expect(take("user_1", "administrator")).rejects.toEqual(because("LAST_ADMINISTRATOR"));
    await take("user_2", "administrator");
  });

  test("does not count the administrators of other accounts, nor operators", async () => {
    await give("user_1", "administrator");
    await tell(principal("acct_a", "user_op", { superAdmin: true }));
    await tell(principal("acct_b", "user_b"));
    await createRoleBinding(
      { work: store, roleBindings: store.roleBindings, now: () => new Date(0) },
      mutation("acct_b"),
      ref("acct_b", "user_b"),
      "administrator",
      signal,
    );
    await expect(take("user_1", "administrator")).rejects.toEqual(because("LAST_ADMINISTRATOR"));
  });

  test("repeated with its request id, is done already", async () => {
    await give("user_1", "team_manager");
    await take("user_1", "team_manager", "r1");
    await take("user_1", "team_manager", "r1");
    await expect(take("user_1", "team_manager", "r2")).rejects.toEqual(because("ROLE_BINDING_NOT_FOUND"));
  });
});

test("a list filtered by what can't be a principal is empty", async () => {
  await give("user_1", "administrator");
  const accountId = ref("acct_a", "user_1").accountId;
  const page = { size: 50, token: "" };
  const list = await listRoleBindings(
    { roleBindings: store.roleBindings },
    accountId,
    { of: "nobody" },
    page,
    signal,
  );
  expect(list).toEqual({ items: [], nextToken: "" });
});
