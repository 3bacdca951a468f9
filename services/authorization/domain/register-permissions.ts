import { createHash } from "node:crypto";
import { DomainError } from "@portcullis/errors";
import { permissionIds as builtInIds } from "./catalog.ts";
import type { Effective } from "./effect.ts";
import { installationScope } from "./ids.ts";
import type { Mutation } from "./mutation.ts";
import type { UnitOfWork } from "./ports.ts";

/** The whole content of a backend's namespace. */
export interface Registration {
  readonly namespace: string;
  readonly version: number;
  readonly permissions: readonly { readonly permissionId: string; readonly description: string }[];
  readonly objectTypes: readonly { readonly objectType: string; readonly modifyPermissionId: string }[];
  /** Of the content without regard to its order. */
  readonly digest: Uint8Array;
}

/** What is known of a namespace. */
export interface RegisteredVersion {
  readonly version: number;
  readonly digest: Uint8Array;
}

/** A permission of a backend. */
export interface RegisteredPermission {
  readonly permissionId: string;
  readonly description: string;
  readonly namespace: string;
  readonly retired: boolean;
}

const reserved: ReadonlySet<string> = new Set([
  ...builtInIds.map((id) => id.split(".")[0] ?? id),
  "activity",
  "gateway",
  "portcullis",
]);

/** Brings the content in order. VALIDATION_FAILED unless it is all of the namespace and each id comes once. */
export function parseRegistration(content: Omit<Registration, "digest">): Registration {
  const { namespace } = content;
  const permissions = content.permissions.toSorted((a, b) => (a.permissionId < b.permissionId ? -1 : 1));
  const objectTypes = content.objectTypes.toSorted((a, b) => (a.objectType < b.objectType ? -1 : 1));
  const ids = permissions.map(({ permissionId }) => permissionId);
  const types = objectTypes.map(({ objectType }) => objectType);
  requireOwn("permissions", namespace, ids);
  requireOwn("object_types", namespace, types);
  const foreign = objectTypes.find(({ modifyPermissionId }) => !ids.includes(modifyPermissionId));
  if (foreign !== undefined) {
    throw invalid("object_types", `${foreign.modifyPermissionId} is not among the permissions`);
  }
  const text = JSON.stringify([
    permissions.map(({ permissionId, description }) => [permissionId, description]),
    objectTypes.map(({ objectType, modifyPermissionId }) => [objectType, modifyPermissionId]),
  ]);
  return { ...content, permissions, objectTypes, digest: createHash("sha256").update(text).digest() };
}

/**
 * Makes the namespace what the registration says, unless it is older than what is known, and returns the
 * version in force. NAMESPACE_RESERVED; CATALOG_VERSION_CONFLICT for a known version with other content.
 */
export async function registerPermissions(
  deps: { readonly work: UnitOfWork },
  mutation: Mutation,
  registration: Registration,
  signal: AbortSignal,
): Promise<Effective<number>> {
  const { namespace, version } = registration;
  if (reserved.has(namespace)) {
    throw new DomainError("NAMESPACE_RESERVED", `The namespace ${namespace} is the installation's own.`);
  }
  const outcome = await deps.work.once(
    mutation,
    async (tx) => {
      const known = await tx.catalog.addOrLockNamespace(registration);
      if (known !== undefined && known.version > version) {
        return { resourceId: String(known.version), value: known.version };
      }
      if (known?.version === version) {
        if (Buffer.compare(known.digest, registration.digest) !== 0) throw versionConflict(registration);
      } else {
        await tx.catalog.replaceContent(registration);
        await tx.audit({
          accountId: installationScope,
          action: "catalog.register",
          targetId: namespace,
          detail: {
            version,
            permissionIds: registration.permissions.map(({ permissionId }) => permissionId),
          },
        });
      }
      return { resourceId: String(version), value: version };
    },
    signal,
  );
  const value = outcome.repeated ? Number(outcome.resourceId) : outcome.value;
  return { value, effect: outcome.effect };
}

function requireOwn(field: string, namespace: string, ids: readonly string[]): void {
  const foreign = ids.find((id) => !id.startsWith(`${namespace}.`));
  if (foreign !== undefined) throw invalid(field, `${foreign} does not begin with ${namespace}.`);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw invalid(field, `${twice} comes twice`);
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError("VALIDATION_FAILED", `${field}: ${problem}`, { metadata: { [field]: problem } });
}

function versionConflict({ namespace, version }: Registration): DomainError {
  return new DomainError(
    "CATALOG_VERSION_CONFLICT",
    `Version ${version} of ${namespace} was registered with other content. Raise the version with each change.`,
  );
}
