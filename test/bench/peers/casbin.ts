// casbin: RBAC with domains, as its documentation has it, asked synchronously.
import process from "node:process";
import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { measure } from "./measure.ts";
import { permissionCount, permissionsOfRole, questionOf, rolesOf } from "./world.ts";

const model = `[request_definition]
r = sub, dom, act
[policy_definition]
p = sub, dom, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.act == p.act`;

const principals = Number(process.argv[2]);
const policies = Array.from({ length: permissionCount }, (_, permission) => {
  return `p, role${Math.floor(permission / permissionsOfRole)}, acme, permission${permission}`;
});
const members = Array.from({ length: principals }, (_, principal) =>
  rolesOf(principal).map((role) => `g, user${principal}, role${role}, acme`),
);
const adapter = new StringAdapter([...policies, ...members.flat()].join("\n"));
const enforcer = await newEnforcer(newModelFromString(model), adapter);
await measure((index) => {
  const { principal, permission, isAllowed } = questionOf(index, principals);
  if (enforcer.enforceSync(`user${principal}`, "acme", `permission${permission}`) !== isAllowed) {
    throw new Error("casbin was asked wrongly");
  }
});
