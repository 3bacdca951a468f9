// CASL with one ability for each user, built beforehand and kept: nothing in it ever hears of a change.
import process from "node:process";
import { createMongoAbility, type MongoAbility } from "@casl/ability";
import { measure } from "./measure.ts";
import { permissionsOfRole, questionOf, rolesOf } from "./world.ts";

const principals = Number(process.argv[2]);
const abilities = new Map<string, MongoAbility>();
for (let principal = 0; principal < principals; principal++) {
  const rules = rolesOf(principal).flatMap((role) =>
    Array.from({ length: permissionsOfRole }, (_, index) => {
      return { action: `permission${role * permissionsOfRole + index}`, subject: "Account" };
    }),
  );
  abilities.set(`user${principal}`, createMongoAbility(rules));
}
await measure((index) => {
  const { principal, permission, isAllowed } = questionOf(index, principals);
  const can = abilities.get(`user${principal}`)?.can(`permission${permission}`, "Account");
  if (can !== isAllowed) throw new Error("CASL was asked wrongly");
});
