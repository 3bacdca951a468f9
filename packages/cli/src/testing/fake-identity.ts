import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { AccountSchema, AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import {
  type ServiceUser,
  ServiceUserSchema,
  ServiceUserService,
  ServiceUserState,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { receiptOf } from "./fake-receipts.ts";
import { createTime } from "./fake-time.ts";

/** Accounts and service users, as simple as can be. */
export function serveIdentity(router: ConnectRouter): void {
  const users: ServiceUser[] = [];
  const find = (ref: string) => {
    const found = users.find((user) => user.serviceUserId === ref || user.address === ref);
    if (found === undefined) throw new ConnectError("There is no such service user.", Code.NotFound);
    return found;
  };
  const changed = (ref: string, state: ServiceUserState) => Object.assign(find(ref), { state, etag: "2" });
  router.service(ServiceUserService, {
    createServiceUser({ accountId, name, description }) {
      const user = create(ServiceUserSchema, {
        serviceUserId: `svc_${users.length + 1}`,
        accountId: accountId || "acct_own",
        name,
        address: `sa::${name.toLowerCase()}`,
        description,
        state: ServiceUserState.ACTIVE,
        createTime,
        updateTime: createTime,
        etag: "1",
      });
      users.unshift(user);
      return { serviceUser: user };
    },
    getServiceUser: ({ serviceUserId }) => ({ serviceUser: find(serviceUserId) }),
    listServiceUsers({ pageSize, pageToken, filter }) {
      const states = filter?.states ?? [];
      const fitting = users.filter(({ state }) => states.length === 0 || states.includes(state));
      const start = Number(pageToken);
      const end = start + pageSize;
      return {
        serviceUsers: fitting.slice(start, end),
        nextPageToken: end < fitting.length ? String(end) : "",
      };
    },
    updateServiceUser({ serviceUserId, name, description, updateMask }) {
      const paths = updateMask?.paths ?? [];
      const changes = {
        ...(paths.includes("name") && { name }),
        ...(paths.includes("description") && { description }),
      };
      return { serviceUser: Object.assign(find(serviceUserId), changes) };
    },
    activateServiceUser: ({ serviceUserId }) => ({
      serviceUser: changed(serviceUserId, ServiceUserState.ACTIVE),
    }),
    deactivateServiceUser({ serviceUserId, validateOnly }) {
      if (!validateOnly) {
        const serviceUser = changed(serviceUserId, ServiceUserState.INACTIVE);
        const receipt = receiptOf("identity", "service_user.deactivate", serviceUser.serviceUserId);
        return { serviceUser, receipt };
      }
      return {
        serviceUser: { ...find(serviceUserId), state: ServiceUserState.INACTIVE },
        dependents: [{ kind: "api_keys", count: 2n }],
      };
    },
    lockServiceUser: ({ serviceUserId }) => ({
      serviceUser: changed(serviceUserId, ServiceUserState.LOCKED),
    }),
    unlockServiceUser: ({ serviceUserId }) => ({
      serviceUser: changed(serviceUserId, ServiceUserState.ACTIVE),
    }),
    deleteServiceUser({ serviceUserId }) {
      const user = changed(serviceUserId, ServiceUserState.DELETED);
      users.splice(users.indexOf(user), 1);
      return { serviceUser: user };
    },
  });
  const account = create(AccountSchema, { accountId: "acct_own", displayName: "Own", createTime, etag: "1" });
  router.service(AccountService, {
    getAccount: ({ accountId }) => ({ account: { ...account, accountId: accountId || "acct_own" } }),
    listAccounts: () => ({ accounts: [account] }),
    createAccount: ({ displayName }) => ({ account: { ...account, accountId: "acct_new", displayName } }),
    suspendAccount: ({ accountId, validateOnly }) => ({
      account: { ...account, accountId, state: AccountState.SUSPENDED },
      ...(validateOnly
        ? { dependents: [{ kind: "api_keys", count: 3n }] }
        : { receipt: receiptOf("identity", "account.suspend", accountId) }),
    }),
    restoreAccount: ({ accountId }) => ({ account: { ...account, accountId, state: AccountState.ACTIVE } }),
    updateAccount: ({ accountId, displayName }) => ({ account: { ...account, accountId, displayName } }),
  });
}
