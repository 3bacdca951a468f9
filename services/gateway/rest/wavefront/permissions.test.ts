import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  replacePermissions,
  toOwnPermissions,
  toShownPermissions,
  withoutPermission,
} from "./permissions.ts";

const some = fc.uniqueArray(
  fc.constantFrom(
    "user_management",
    "alerts_management",
    "dashboard_management",
    "ingestion",
    "authorization.objects.read",
    "authorization.objects.share",
    "identity.members.read",
  ),
);
const sorted = (ids: readonly string[]) => ids.toSorted();

test("what is given is shown as it was asked for, without what goes with it", () => {
  expect(toOwnPermissions(["user_management"])).toContain("identity.service_users.write");
  expect(toShownPermissions(toOwnPermissions(["user_management", "ingestion"]))).toEqual([
    "ingestion",
    "user_management",
  ]);
  expect(toShownPermissions(["user_management", "identity.members.read"])).toEqual([
    "identity.members.read",
    "user_management",
  ]);
});

test("to write back what was read changes nothing, whatever is held", () => {
  fc.assert(
    fc.property(some, some, (given, beside) => {
      const own = [...new Set([...toOwnPermissions(given), ...beside])];
      expect(sorted(replacePermissions(own, toShownPermissions(own)))).toEqual(sorted(own));
    }),
  );
});

test("what is taken is gone, with what went with it alone", () => {
  const both = toOwnPermissions(["alerts_management", "dashboard_management"]);
  const one = withoutPermission(both, "alerts_management");
  expect(sorted(one)).toEqual(sorted(toOwnPermissions(["dashboard_management"])));
  expect(withoutPermission(one, "dashboard_management")).toEqual([]);
  expect(withoutPermission(toOwnPermissions(["user_management"]), "user_management")).toEqual([]);
  fc.assert(
    fc.property(
      some,
      fc.constantFrom("user_management", "identity.members.read", "ingestion"),
      (given, taken) => {
        const left = withoutPermission(toOwnPermissions(given), taken);
        expect(left).not.toContain(taken);
        expect(toOwnPermissions(given)).toEqual(expect.arrayContaining([...left]));
      },
    ),
  );
});
