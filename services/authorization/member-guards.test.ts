import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { GrantService } from "@portcullis/contracts/portcullis/authorization/v1/grant_pb.ts";
import { GuardService, MemberChange } from "@portcullis/contracts/portcullis/authorization/v1/guard_pb.ts";
import {
  BillingRole,
  DeveloperRole,
  RoleBindingService,
  TeamRole,
} from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { ErrorReason } from "@portcullis/contracts/portcullis/common/v1/error_reason_pb.ts";
import { PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { newId } from "@portcullis/service";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusalOf, type Serving, serve } from "./testing/serving.ts";

let serving: Serving;
/** An account of each test's own, with two administrators and a person for each other set of values. */
let home: string;

const developers = { rw: DeveloperRole.READ_WRITE, ro: DeveloperRole.READ_ONLY } as const;
const teams = { manager: TeamRole.MANAGER, invite: TeamRole.INVITE_ONLY, read: TeamRole.READ_ONLY } as const;
const billings = { access: BillingRole.ACCESS, none: BillingRole.NONE } as const;

/** E.g. `rw manager none`, with ` admin` for the flag. */
function values(text: string) {
  const [developer, team, billing, administrator] = text.split(" ");
  return {
    developer: developers[developer === "rw" ? "rw" : "ro"],
    team: teams[team === "manager" || team === "invite" ? team : "read"],
    billing: billings[billing === "access" ? "access" : "none"],
    administrator: administrator === "admin",
  };
}

const members: Readonly<Record<string, string>> = {
  user_admin: "rw manager access admin",
  user_admin2: "rw read none admin",
  user_manager: "rw manager none",
  user_invite: "rw invite none",
  user_dev: "rw read none",
  user_reader: "ro read none",
  user_payer: "ro read access",
};

beforeAll(async () => {
  serving = await serve();
});
afterAll(() => serving.stop());
beforeEach(async () => {
  home = newId("acct");
  for (const [principalId, text] of Object.entries(members)) {
    await serving.tell(home, principalId);
    await set("operator", principalId, text);
  }
});

function set(who: string, principalId: string, text: string) {
  const request = { accountId: home, principalId, roles: values(text) };
  return serving.as(RoleBindingService, who === "operator" ? who : `${home}/${who}`).setMemberRoles(request);
}

const guard = () => serving.as(GuardService, "identity");

async function change(actor: string, kind: MemberChange, targetId: string, text = "") {
  const roles = text === "" ? {} : { roles: values(text) };
  const subject = { accountId: home, principalId: actor };
  const { allowed, reason } = await guard().checkMemberChange({
    accountId: home,
    actor: subject,
    targetId,
    change: kind,
    ...roles,
  });
  return allowed ? "allowed" : Object.entries(ErrorReason).find(([, number]) => number === reason)?.[0];
}

const hold = (principalId: string, version = 2n) =>
  guard().holdMember({ accountId: home, principalId, version });

describe("SetMemberRoles, by the numbers of contracts/ngrok.md §4", () => {
  test.each([
    ["6603", "user_manager", "user_reader", "rw read none", "changed"],
    ["6603", "user_manager", "user_dev", "rw manager none", "changed"],
    ["6603", "user_manager", "user_payer", "rw read access", "changed"],
    ["6603", "user_manager", "user_payer", "ro read none", "changed"],
    ["6616", "user_manager", "user_reader", "ro read access", "GRANT_ABOVE_OWN_LEVEL"],
    ["6616", "user_manager", "user_manager", "rw manager access", "GRANT_ABOVE_OWN_LEVEL"],
    ["6605", "user_manager", "user_dev", "rw read none admin", "ADMINISTRATOR_REQUIRED"],
    ["6605", "user_manager", "user_manager", "rw manager none admin", "ADMINISTRATOR_REQUIRED"],
    ["6606", "user_manager", "user_admin2", "rw read none", "ADMINISTRATOR_REQUIRED"],
    ["6606", "user_manager", "user_admin2", "ro read none admin", "ADMINISTRATOR_REQUIRED"],
    ["6612", "user_invite", "user_reader", "rw read none", "PERMISSION_DENIED"],
    ["6612", "user_dev", "user_dev", "rw manager none", "PERMISSION_DENIED"],
    ["4413", "user_admin", "user_reader", "ro invite none", "INVITE_NEEDS_DEVELOPER"],
    ["4413", "user_admin", "user_manager", "ro manager none", "INVITE_NEEDS_DEVELOPER"],
    ["6605", "user_admin", "user_dev", "rw read none admin", "changed"],
    ["6606", "user_admin", "user_admin2", "rw read none", "changed"],
    ["6606", "user_admin", "user_admin", "rw read none", "changed"],
  ])("%s: %s makes %s «%s»: %s", async (_number, actor, target, text, expected) => {
    const outcome = await set(actor, target, text).then(
      ({ roles }) => {
        expect(roles).toMatchObject(values(text));
        return "changed";
      },
      (error: unknown) => refusalOf(Promise.reject(error)),
    );
    expect(outcome).toBe(expected);
  });

  test("the last active administrator can't be demoted, the others being gone", async () => {
    await serving.tell(home, "user_admin2", { state: PrincipalState.INACTIVE, version: 2n });
    expect(await refusalOf(set("user_admin", "user_admin", "rw read none"))).toBe("LAST_ADMINISTRATOR");
  });

  test("of two administrators who demote each other at once one stays", async () => {
    const outcomes = await Promise.all([
      refusalOf(set("operator", "user_admin2", "rw read none")),
      refusalOf(set("operator", "user_admin", "rw read none")),
    ]);
    expect(outcomes).toEqual(expect.arrayContaining(["LAST_ADMINISTRATOR"]));
    expect(new Set(outcomes).size).toBe(2);
  });

  test("who may change bindings by a custom grant makes nobody administrator with it", async () => {
    await serving.as(GrantService, `${home}/user_admin`).grantPermissions({
      principalIds: ["user_dev"],
      permissionIds: ["authorization.role_bindings.write"],
    });
    const bindings = serving.as(RoleBindingService, `${home}/user_dev`);
    const administrator = { principalId: "user_dev", roleId: "administrator" };
    expect(await refusalOf(bindings.createRoleBinding(administrator))).toBe("ADMINISTRATOR_REQUIRED");
    const billing = { principalId: "user_dev", roleId: "billing_access" };
    expect(await refusalOf(bindings.createRoleBinding(billing))).toBe("GRANT_ABOVE_OWN_LEVEL");
    const other = { principalId: "user_admin2", roleId: "administrator" };
    expect(await refusalOf(bindings.deleteRoleBinding(other))).toBe("ADMINISTRATOR_REQUIRED");
  });

  test("is for users, and known ones", async () => {
    await serving.tell(home, "svc_1", { service: true });
    expect(await refusalOf(set("user_admin", "svc_1", "rw read none"))).toBe("SERVICE_USER_ROLES_FIXED");
    expect(await refusalOf(set("user_admin", "user_none", "rw read none"))).toBe("PRINCIPAL_NOT_FOUND");
  });

  test("counts at once", async () => {
    await set("user_admin", "user_manager", "rw read none");
    const subject = { accountId: home, principalId: "user_manager" };
    const checked = await serving
      .as(CheckService, "credential")
      .check({ subject, permissionId: "identity.members.manage" });
    expect(checked.allowed).toBe(false);
  });
});

describe("CheckMemberChange, by the numbers of contracts/ngrok.md §4", () => {
  const { INVITE, DISABLE, ENABLE, REMOVE } = MemberChange;
  test.each([
    ["4411", "user_dev", INVITE, "rw read none", "PERMISSION_DENIED"],
    ["4411", "user_invite", INVITE, "rw invite none", "allowed"],
    ["4410", "user_manager", INVITE, "rw read none admin", "ADMINISTRATOR_REQUIRED"],
    ["4412", "user_invite", INVITE, "rw manager none", "GRANT_ABOVE_OWN_LEVEL"],
    ["4412", "user_manager", INVITE, "rw read access", "GRANT_ABOVE_OWN_LEVEL"],
    ["4413", "user_admin", INVITE, "ro invite none", "INVITE_NEEDS_DEVELOPER"],
    ["4410", "user_admin", INVITE, "ro read none admin", "allowed"],
  ])("%s: %s invites (%i) «%s»: %s", async (_number, actor, kind, text, expected) => {
    expect(await change(actor, kind, "", text)).toBe(expected);
  });

  test.each([
    ["6613", "user_invite", REMOVE, "user_dev", "PERMISSION_DENIED"],
    ["6613", "user_manager", REMOVE, "user_payer", "allowed"],
    ["6604", "user_manager", REMOVE, "user_admin2", "ADMINISTRATOR_REQUIRED"],
    ["6604", "user_admin", REMOVE, "user_admin2", "allowed"],
    ["6614", "user_invite", DISABLE, "user_dev", "PERMISSION_DENIED"],
    ["6614", "user_manager", DISABLE, "user_dev", "allowed"],
    ["6621", "user_manager", DISABLE, "user_admin2", "ADMINISTRATOR_REQUIRED"],
    ["6621", "user_manager", ENABLE, "user_admin2", "ADMINISTRATOR_REQUIRED"],
    ["6621", "user_admin", ENABLE, "user_admin2", "allowed"],
    ["10080", "user_admin", REMOVE, "user_none", "PRINCIPAL_NOT_FOUND"],
  ])("%s: %s does %i to %s: %s", async (_number, actor, kind, target, expected) => {
    expect(await change(actor, kind, target)).toBe(expected);
  });

  test("6602, 6622: the last active administrator is neither removed nor disabled", async () => {
    await set("operator", "user_admin2", "rw read none");
    expect(await change("user_admin", REMOVE, "user_admin")).toBe("LAST_ADMINISTRATOR");
    expect(await change("user_admin", DISABLE, "user_admin")).toBe("LAST_ADMINISTRATOR");
  });

  test("who is inactive, or of another account, may do nothing; a super administrator everything", async () => {
    await serving.tell(home, "user_manager", { state: PrincipalState.INACTIVE, version: 2n });
    expect(await change("user_manager", REMOVE, "user_dev")).toBe("PERMISSION_DENIED");
    await serving.tell(home, "user_root", { superAdmin: true });
    expect(await change("user_root", REMOVE, "user_admin")).toBe("allowed");
  });

  test("is for identity alone", async () => {
    const request = {
      accountId: home,
      actor: { accountId: home, principalId: "user_admin" },
      targetId: "user_dev",
      change: REMOVE,
    };
    for (const who of ["gateway", `${home}/user_admin`]) {
      expect(await refusalOf(serving.as(GuardService, who).checkMemberChange(request))).toBe(
        "PERMISSION_DENIED",
      );
    }
  });
});

describe("HoldMember", () => {
  test("takes a member out of the count until the version is enforced", async () => {
    expect((await hold("user_admin2")).expireTime).toBeDefined();
    expect(await refusalOf(hold("user_admin"))).toBe("LAST_ADMINISTRATOR");
    expect(await refusalOf(set("operator", "user_admin", "rw read none"))).toBe("LAST_ADMINISTRATOR");
    // The change was given up, and identity tells a later state.
    await serving.tell(home, "user_admin2", { version: 2n });
    expect((await hold("user_admin")).expireTime).toBeDefined();
  });

  test("is not ended by a lower version", async () => {
    await hold("user_admin2", 5n);
    await serving.tell(home, "user_admin2", { version: 4n });
    expect(await refusalOf(hold("user_admin"))).toBe("LAST_ADMINISTRATOR");
    await serving.tell(home, "user_admin2", { version: 6n });
    await hold("user_admin");
  });

  test("ends by itself when its time has come", async () => {
    const { expireTime } = await hold("user_admin2");
    const { rows } = await sql<{ seconds: number }>`
      select extract(epoch from leaving_until - clock_timestamp())::float8 as seconds from principals
      where account_id = ${home} and principal_id = 'user_admin2'`.execute(serving.db);
    expect(rows[0]?.seconds).toBeGreaterThan(30);
    expect(rows[0]?.seconds).toBeLessThanOrEqual(60);
    expect(expireTime).toBeDefined();
    await sql`update principals set leaving_until = clock_timestamp()
      where account_id = ${home} and principal_id = 'user_admin2'`.execute(serving.db);
    await hold("user_admin");
    expect(await refusalOf(hold("user_admin2"))).toBe("LAST_ADMINISTRATOR");
  });

  test("may be repeated, and holds who is no administrator without a question", async () => {
    await hold("user_admin2");
    await hold("user_admin2");
    await hold("user_dev");
    expect((await hold("user_dev", 1n)).expireTime).toBeUndefined();
    expect(await refusalOf(hold("user_none"))).toBe("PRINCIPAL_NOT_FOUND");
  });
});
