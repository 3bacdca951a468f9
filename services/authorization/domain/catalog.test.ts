import { expect, test } from "vitest";
import { builtInRoles, findRole } from "./built-in-roles.ts";
import { catalog, isGrantable, isPermissionId, permissionIds } from "./catalog.ts";

test("permissions are listed by id and described", () => {
  expect(permissionIds).toEqual(Object.keys(catalog).toSorted());
  for (const permission of permissionIds) expect(catalog[permission]).toMatch(/^[A-Z].*\.$/);
});

test("names that every object has are no permissions", () => {
  for (const text of ["toString", "constructor", "__proto__", ""]) expect(isPermissionId(text)).toBe(false);
});

test("what begins with installation. is in no role", () => {
  for (const { permissions } of builtInRoles) {
    for (const permission of permissions) expect(permission).not.toMatch(/^installation\./);
  }
  expect(permissionIds.filter((permission) => !isGrantable(permission))).toEqual([
    "installation.accounts.create",
    "installation.accounts.read",
    "installation.accounts.suspend",
    "installation.permissions.register",
    "installation.plans.assign",
    "installation.service_users.lock",
    "installation.sessions.end",
    "installation.super_admins.manage",
    "installation.super_admins.read",
  ]);
});

test("a role is found by its id, and by nothing else", () => {
  for (const role of builtInRoles) expect(findRole(role.roleId)).toBe(role);
  for (const text of ["", "Administrator", "toString", "administrator "]) {
    expect(findRole(text)).toBeUndefined();
  }
});
