import { expect, test } from "vitest";
import {
  activate,
  addressOf,
  deactivate,
  lock,
  nameKeyOf,
  remove,
  type ServiceUser,
  type ServiceUserState,
  type Transition,
  unlock,
} from "./service-user.ts";

const active: ServiceUserState = { is: "active" };
const inactive: ServiceUserState = { is: "inactive" };
const deleted: ServiceUserState = { is: "deleted" };
const locked = (underneath: "active" | "inactive"): ServiceUserState => ({ is: "locked", underneath });

test.each<[string, Transition, ServiceUserState, ServiceUserState]>([
  ["activate", activate, inactive, active],
  ["activate", activate, active, active],
  ["deactivate", deactivate, active, inactive],
  ["deactivate", deactivate, inactive, inactive],
  ["deactivate", deactivate, locked("active"), locked("inactive")],
  ["deactivate", deactivate, locked("inactive"), locked("inactive")],
  ["lock", lock, active, locked("active")],
  ["lock", lock, inactive, locked("inactive")],
  ["lock", lock, locked("active"), locked("active")],
  ["unlock", unlock, locked("active"), active],
  ["unlock", unlock, locked("inactive"), inactive],
  ["unlock", unlock, active, active],
  ["remove", remove, locked("active"), deleted],
])("%s %o %o leads to %o", (_, transition, from, to) => {
  expect(transition(from)).toEqual(to);
});

test.each([activate, deactivate, lock, unlock, remove])(
  "nothing brings a deleted one back: %o",
  (transition) => {
    expect(transition(deleted)).toEqual(deleted);
  },
);

test("the account can't undo an operator's lock", () => {
  expect(() => activate(locked("active"))).toThrow(
    expect.objectContaining({ reason: "SERVICE_USER_LOCKED" }),
  );
});

test("names are one without regard to case and to how accents are written", () => {
  expect(nameKeyOf("Büro-Bot")).toBe(nameKeyOf("BU\u0308RO-BOT"));
  expect(addressOf({ name: "Build Bot" } as ServiceUser)).toBe("sa::build bot");
});
