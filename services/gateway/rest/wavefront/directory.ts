import type { CallOptions } from "@connectrpc/connect";
import type { Group } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { Role } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import type { Invitation } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import type { Clients } from "../../peers/clients.ts";
import { readAll } from "./numbered-pages.ts";

/** The account's roles, groups and open invitations, for one request: read once, and anew after a change. */
export interface Directory {
  /** By id, built-in ones too. */
  roles(): Promise<ReadonlyMap<string, Role>>;
  /** By id, Everyone too. */
  groups(): Promise<ReadonlyMap<string, Group>>;
  invitations(): Promise<readonly Invitation[]>;
  /** Something was changed. */
  forget(): void;
}

export function createDirectory(clients: Clients, options: CallOptions): Directory {
  let roles: Promise<ReadonlyMap<string, Role>> | undefined;
  let groups: Promise<ReadonlyMap<string, Group>> | undefined;
  let invitations: Promise<readonly Invitation[]> | undefined;
  const readRoles = async () => {
    const all = await readAll(async (pageSize, pageToken) => {
      const page = await clients.roles.listRoles({ pageSize, pageToken }, options);
      return { items: page.roles, nextPageToken: page.nextPageToken };
    });
    return new Map(all.map((role) => [role.roleId, role]));
  };
  const readGroups = async () => {
    const all = await readAll(async (pageSize, pageToken) => {
      const page = await clients.groups.listGroups({ pageSize, pageToken }, options);
      return { items: page.groups, nextPageToken: page.nextPageToken };
    });
    return new Map(all.map((group) => [group.groupId, group]));
  };
  const readInvitations = () =>
    readAll(async (pageSize, pageToken) => {
      const page = await clients.invitations.listInvitations({ pageSize, pageToken }, options);
      return { items: page.invitations, nextPageToken: page.nextPageToken };
    });
  return {
    roles() {
      roles ??= readRoles();
      return roles;
    },
    groups() {
      groups ??= readGroups();
      return groups;
    },
    invitations() {
      invitations ??= readInvitations();
      return invitations;
    },
    forget() {
      [roles, groups, invitations] = [undefined, undefined, undefined];
    },
  };
}
