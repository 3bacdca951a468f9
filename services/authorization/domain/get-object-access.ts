import type { CheckDeps } from "./check.ts";
import { decide } from "./decide.ts";
import type { PrincipalRef } from "./ids.ts";
import { type ObjectAccess, type ObjectKey, objectNotFound } from "./object-access.ts";
import type { ObjectStore } from "./object-ports.ts";

/** Whoever looks: somebody who sees everything, or a principal. */
export type Viewer =
  | { readonly of: "all" }
  | { readonly of: "principal"; readonly ref: PrincipalRef | undefined };

/** Who an object is open to, for who may view it or rescue it. OBJECT_NOT_FOUND for everybody else. */
export async function getObjectAccess(
  deps: CheckDeps & { readonly objects: ObjectStore },
  viewer: Viewer,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<ObjectAccess> {
  const access = await deps.objects.find(key, signal);
  if (access === undefined || !(await mayView(deps, viewer, key, signal))) {
    throw objectNotFound(key.objectType, key.objectId);
  }
  return access;
}

async function mayView(
  deps: CheckDeps,
  viewer: Viewer,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<boolean> {
  if (viewer.of === "all") return true;
  const subject = viewer.ref;
  if (subject === undefined) return false;
  const { accountId, objectType, objectId } = key;
  const object = { objectType, objectId, action: "view" } as const;
  const questions = [
    { subject, accountId, permission: undefined, object },
    { subject, accountId, permission: "authorization.objects.rescue", object: undefined },
  ];
  const { found } = deps.facts.recall(questions, 0) ?? (await deps.facts.find(questions, 0, signal));
  return questions.some((question, index) => decide(found[index]?.facts, question).allowed);
}
