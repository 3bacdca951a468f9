import type { DomainError } from "@portcullis/errors";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAuthtoken } from "../domain/create-authtoken.ts";
import { createSshKey } from "../domain/create-ssh-key.ts";
import type { Credential } from "../domain/credential.ts";
import { deleteCredential } from "../domain/delete-credential.ts";
import { parsePrincipalId } from "../domain/ids.ts";
import { revokeCredential } from "../domain/revoke-credential.ts";
import { parseSshPublicKey } from "../domain/ssh-key.ts";
import {
  account,
  alice,
  idOf,
  mutation,
  never,
  now,
  otherAccount,
  robot,
  sshCredential,
  sshPublicKeyLine,
  tokenCredential,
} from "../testing/fixtures.ts";
import { createCommand as command, startTestStores, type TestStores } from "../testing/start-stores.ts";
import { createPostgresHeld } from "./postgres-held.ts";
import { fromCredential } from "./rows.ts";

let world: TestStores;
beforeAll(async () => {
  world = await startTestStores();
});
beforeEach(() => world.clear());
afterAll(() => world[Symbol.asyncDispose]());

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: DomainError) => error.reason,
  );

describe("credentials", () => {
  test("are read back as they were written", async () => {
    await world.apply();
    const whole = { description: "d", metadata: "m", expiresAt: new Date(now.getTime() + 1), revokedAt: now };
    const restrictions = { acl: ["bind:*.a.example", "bind:x=*"], ranges: ["10.0.0.0/8", "::1"] };
    for (const credential of [
      tokenCredential("authtoken", { ...whole, ...restrictions }).credential,
      tokenCredential("api_key").credential,
      sshCredential(restrictions).credential,
    ]) {
      await world.insert(credential);
      const found = await world.stores.credentials.find(account, credential.id, never);
      expect(found).toEqual(credential);
      expect(await world.stores.credentials.find(otherAccount, credential.id, never)).toBeUndefined();
      const { held } = await createPostgresHeld(world.database.db).read([credential.locator], never);
      expect(held.get(credential.locator)).toMatchObject({
        ownerKind: "service_user",
        ownerState: "active",
        ownerVersion: 1,
      });
    }
  });

  test("are listed newest first, page by page, each once, in their account only", async () => {
    await world.apply();
    await world.apply({ accountId: otherAccount });
    await world.apply({ principalId: parsePrincipalId(idOf("svc", 2)) });
    const made: Credential[] = [];
    for (let count = 0; count < 7; count++) {
      const ownerId = count % 2 === 0 ? robot : parsePrincipalId(idOf("svc", 2));
      const { credential } =
        count < 5 ? tokenCredential("authtoken", { ownerId }) : sshCredential({ ownerId });
      made.unshift(credential);
      await world.insert(credential);
    }
    await world.insert(tokenCredential("authtoken", { accountId: otherAccount }).credential);
    const all = { ownerId: undefined, kinds: [] };
    const idsOf = (list: readonly Credential[]) => list.map(({ id }) => id);
    const seen: string[] = [];
    let token = "";
    do {
      const page = await world.stores.credentials.list(account, all, { size: 3, token }, never);
      seen.push(...idsOf(page.items));
      token = page.nextToken;
    } while (token !== "");
    expect(seen).toEqual(idsOf(made));

    const ofRobot = { ownerId: robot, kinds: ["ssh_key"] as const };
    const filtered = await world.stores.credentials.list(account, ofRobot, { size: 50, token: "" }, never);
    const expected = made.filter(({ ownerId, proof }) => ownerId === robot && proof.kind === "ssh_key");
    expect(idsOf(filtered.items)).toEqual(idsOf(expected));

    const [, second, ...older] = made;
    const ofOlder = { ...all, ...(second === undefined ? {} : { beforeId: second.id }) };
    const first = await world.stores.credentials.list(account, ofOlder, { size: 3, token: "" }, never);
    const page = { size: 3, token: first.nextToken };
    const next = await world.stores.credentials.list(account, ofOlder, page, never);
    expect(idsOf([...first.items, ...next.items])).toEqual(idsOf(older));

    const { nextToken } = await world.stores.credentials.list(account, all, { size: 3, token: "" }, never);
    for (const [accountId, filter] of [
      [account, ofRobot],
      [account, ofOlder],
      [otherAccount, all],
    ] as const) {
      const list = world.stores.credentials.list(accountId, filter, { size: 3, token: nextToken }, never);
      expect(await reasonOf(list)).toBe("PAGE_TOKEN_INVALID");
    }
  });

  test("are counted by kind as long as they work", async () => {
    await world.apply();
    for (const { credential } of [
      tokenCredential("authtoken"),
      tokenCredential("authtoken", { expiresAt: new Date(now.getTime() + 1) }),
      tokenCredential("authtoken", { revokedAt: now }),
      tokenCredential("api_key", { expiresAt: now }),
      sshCredential(),
    ]) {
      await world.insert(credential);
    }
    expect(await world.stores.credentials.countWorking(account, robot, now, never)).toEqual([
      { kind: "authtokens", count: 2 },
      { kind: "ssh_keys", count: 1 },
    ]);
    expect(await world.stores.credentials.countWorking(account, undefined, now, never)).toHaveLength(2);
    expect(await world.stores.credentials.countWorking(account, alice, now, never)).toEqual([]);
    expect(await world.stores.credentials.countWorking(otherAccount, robot, now, never)).toEqual([]);
  });

  test("whose owner's row is missing have an inactive owner of version 0", async () => {
    const { credential } = tokenCredential("authtoken");
    await world.database.db.transaction().execute(async (trx) => {
      // What a database looks like that was restored in parts.
      await sql`set local session_replication_role = replica`.execute(trx);
      await trx
        .insertInto("credential_locators")
        .values({ locator: credential.locator, account_id: account, credential_id: credential.id })
        .execute();
      await trx.insertInto("credentials").values(fromCredential(credential)).execute();
    });
    const { held } = await createPostgresHeld(world.database.db).read([credential.locator], never);
    expect(held.get(credential.locator)).toMatchObject({
      ownerKind: "service_user",
      ownerState: "inactive",
      ownerVersion: 0,
    });
  });

  test("a deleted SSH key may be registered again, a revoked one may not", async () => {
    await world.apply();
    await world.apply({ accountId: otherAccount });
    const key = parseSshPublicKey(sshPublicKeyLine());
    const created = await createSshKey(world.deps, { ...command(), key }, never);
    const again = () => createSshKey(world.deps, { ...command({ accountId: otherAccount }), key }, never);
    expect(await reasonOf(again())).toBe("SSH_KEY_TAKEN");
    const target = { mutation: mutation(), accountId: account, id: created.id, etag: undefined };
    await revokeCredential(world.deps, target, never);
    expect(await reasonOf(again())).toBe("SSH_KEY_TAKEN");
    await deleteCredential(world.deps, target, never);
    expect(await world.locators()).toEqual([]);
    expect(await reasonOf(again())).toBe("none");
  });

  test("change together with their audit event and request id, or not at all", async () => {
    await world.apply();
    const failing = {
      ...world.deps,
      newId: (prefix: string) => (prefix === "cred" ? idOf("cred", 7) : world.newId(prefix)),
    };
    await createAuthtoken(failing, command(), never);
    const withId = command({ mutation: mutation({ requestId: "r" }) });
    await expect(createAuthtoken(failing, withId, never)).rejects.toThrow(/duplicate key/);
    const count = async (table: "audit_outbox" | "idempotency_keys" | "credential_locators") =>
      (await world.database.db.selectFrom(table).selectAll().execute()).length;
    expect([
      await count("audit_outbox"),
      await count("idempotency_keys"),
      await count("credential_locators"),
    ]).toEqual([1, 0, 1]);
    expect((await createAuthtoken(world.deps, withId, never)).token).toBeDefined();
  });
});
