// Cedar's WebAssembly: policies parsed beforehand, one for each role; the entities are the principal and its roles.
import process from "node:process";
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { measure } from "./measure.ts";
import { permissionsOfRole, questionOf, roleCount, rolesOf } from "./world.ts";

const principals = Number(process.argv[2]);
const actionsOf = (role: number) =>
  Array.from({ length: permissionsOfRole }, (_, index) => `Action::"p${role * permissionsOfRole + index}"`);
const policies = Array.from({ length: roleCount }, (_, role) => {
  return `permit(principal in Role::"role${role}", action in [${actionsOf(role).join(", ")}], resource);`;
});
const parsed = preparsePolicySet("roles", { staticPolicies: policies.join("\n") });
if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
const resource = { type: "Account", id: "acme" };
const roles = Array.from({ length: roleCount }, (_, role) => {
  return { uid: { type: "Role", id: `role${role}` }, attrs: {}, parents: [] };
});
// As a cache would have it.
const entities = Array.from({ length: principals }, (_, principal) => {
  const uid = { type: "User", id: `user${principal}` };
  const held = rolesOf(principal).map((role) => ({ type: "Role", id: `role${role}` }));
  return { uid, attrs: {}, parents: held };
});
await measure((index) => {
  const { principal, permission, isAllowed } = questionOf(index, principals);
  const entity = entities[principal];
  if (entity === undefined) throw new Error("nobody");
  const answer = statefulIsAuthorized({
    principal: entity.uid,
    action: { type: "Action", id: `p${permission}` },
    resource,
    context: {},
    preparsedPolicySetId: "roles",
    entities: [entity, ...rolesOf(principal).flatMap((role) => roles[role] ?? [])],
  });
  if (answer.type !== "success" || (answer.response.decision === "allow") !== isAllowed) {
    throw new Error(`Cedar was asked wrongly: ${JSON.stringify(answer)}`);
  }
});
