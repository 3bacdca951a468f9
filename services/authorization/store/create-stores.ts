import type { SettledTransactions } from "@portcullis/coherence/postgres";
import type { Kysely } from "kysely";
import type { CatalogStore } from "../domain/catalog-ports.ts";
import type { AccessStore, SubjectStore } from "../domain/decision-ports.ts";
import type { GroupStore } from "../domain/group-ports.ts";
import type { ObjectStore } from "../domain/object-ports.ts";
import type { PolicyStore } from "../domain/policy-ports.ts";
import type { Clock, NewId, UnitOfWork } from "../domain/ports.ts";
import type { DependentsStore, RoleBindingStore } from "../domain/principal-ports.ts";
import type { RoleStore } from "../domain/role-ports.ts";
import { createPostgresAccess } from "./postgres-access.ts";
import { createPostgresCatalog } from "./postgres-catalog.ts";
import { createPostgresDependents } from "./postgres-dependents.ts";
import { createPostgresGroups } from "./postgres-groups.ts";
import { createPostgresObjects } from "./postgres-objects.ts";
import { createPostgresPolicies } from "./postgres-policies.ts";
import { createPostgresRoleBindings } from "./postgres-role-bindings.ts";
import { createPostgresRoles } from "./postgres-roles.ts";
import { createPostgresSubjects } from "./postgres-subjects.ts";
import { createPostgresUnitOfWork } from "./postgres-unit-of-work.ts";
import type { AuthorizationSchema } from "./schema.ts";

export interface Stores {
  readonly access: AccessStore;
  readonly subjects: SubjectStore;
  readonly dependents: DependentsStore;
  readonly roleBindings: RoleBindingStore;
  readonly catalog: CatalogStore;
  readonly roles: RoleStore;
  readonly groups: GroupStore;
  readonly policies: PolicyStore;
  readonly objects: ObjectStore;
  readonly work: UnitOfWork;
}

/** All that is kept in Postgres. */
export function createStores(
  db: Kysely<AuthorizationSchema>,
  settled: SettledTransactions<AuthorizationSchema>,
  deps: { readonly newId: NewId; readonly now: Clock },
): Stores {
  return {
    access: createPostgresAccess(db),
    subjects: createPostgresSubjects(db),
    dependents: createPostgresDependents(db),
    roleBindings: createPostgresRoleBindings(db),
    catalog: createPostgresCatalog(db),
    roles: createPostgresRoles(db),
    groups: createPostgresGroups(db),
    policies: createPostgresPolicies(db),
    objects: createPostgresObjects(db),
    work: createPostgresUnitOfWork({ settled, ...deps }),
  };
}
