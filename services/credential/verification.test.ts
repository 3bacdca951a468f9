import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import {
  type Credential,
  CredentialKind as Kind,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  type ActionSchema,
  VerificationResult as Result,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sshPublicKeyLine, tokenCredential, withWrongSecret } from "./testing/fixtures.ts";
import {
  as,
  asWorkload,
  nameOf,
  refusalOf,
  resultOf,
  startTestCredential,
  type TestCredential,
} from "./testing/start-credential.ts";

let service: TestCredential;
let gateway: Awaited<ReturnType<typeof asWorkload>>;
beforeAll(async () => {
  service = await startTestCredential();
  gateway = await asWorkload("gateway");
});
afterAll(() => service[Symbol.asyncDispose]());

const admin = () => as(service.admin.apiKey);
type Action = MessageInitShape<typeof ActionSchema>;

interface Made {
  readonly credential: Credential;
  /** What its holder shows. */
  readonly shown: string;
}

const need = <T>(value: T | undefined): T => value ?? expect.fail("nothing there");

const kinds = {
  authtoken: {
    async create(fields: Record<string, unknown>): Promise<Made> {
      const { credential, token } = await service.credentials.createAuthtoken(fields, admin());
      return { credential: need(credential), shown: token };
    },
    verify: (token: string, fields: object = {}, caller = gateway) =>
      service.verification.verifyToken({ token, ...fields }, caller),
  },
  api_key: {
    async create(fields: Record<string, unknown>): Promise<Made> {
      const { credential, token } = await service.credentials.createApiKey(fields, admin());
      return { credential: need(credential), shown: token };
    },
    verify: (token: string, fields: object = {}, caller = gateway) =>
      service.verification.verifyToken({ token, ...fields }, caller),
  },
  ssh_key: {
    async create(fields: Record<string, unknown>): Promise<Made> {
      const publicKey = sshPublicKeyLine();
      const { credential } = await service.credentials.createSshKey({ ...fields, publicKey }, admin());
      return { credential: need(credential), shown: publicKey };
    },
    verify: (publicKey: string, fields: object = {}, caller = gateway) =>
      service.verification.verifySshKey({ publicKey, ...fields }, caller),
  },
};

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("%s", (kind) => {
  const create = (fields: Record<string, unknown>) => kinds[kind].create(fields);
  const verify = (...parameters: Parameters<typeof kinds.authtoken.verify>) =>
    kinds[kind].verify(...parameters);
  const check = (shown: string, fields?: object, caller?: typeof gateway) =>
    resultOf(verify(shown, fields, caller));

  test("is good once it is created, and tells whose it is", async () => {
    const robot = await service.newRobot();
    const expireTime = timestampFromMs(service.now().getTime() + 60_000);
    const { credential, shown } = await create({ ownerId: robot, metadata: "m", expireTime });
    const { verification } = await verify(shown);
    expect(verification).toMatchObject({
      result: Result.VALID,
      credential: {
        credentialId: credential.credentialId,
        kind: credential.kind,
        accountId: service.acme,
        ownerId: robot,
        ownerKind: PrincipalKind.SERVICE_USER,
        ownerVersion: 1n,
        metadata: "m",
        expireTime,
      },
    });
  });

  test("is refused from the moment it is revoked, and unknown from the moment it is deleted", async () => {
    const { credential, shown } = await create({});
    const target = { credentialId: credential.credentialId };
    await service.credentials.revokeCredential(target, admin());
    expect(await check(shown)).toBe("REVOKED");
    await service.credentials.deleteCredential(target, admin());
    expect(await check(shown)).toBe("UNKNOWN");
  });

  test("works while its owner is active, and never again when it was deleted", async () => {
    const robot = await service.newRobot();
    const { credential, shown } = await create({ ownerId: robot });
    await service.apply(robot, PrincipalState.INACTIVE, 2);
    const { verification } = await verify(shown);
    expect(verification).toMatchObject({
      result: Result.OWNER_INACTIVE,
      credential: { credentialId: credential.credentialId, ownerVersion: 2n },
    });
    await service.apply(robot, PrincipalState.ACTIVE, 3);
    expect(await check(shown)).toBe("VALID");
    await service.apply(robot, PrincipalState.LOCKED, 4);
    expect(await check(shown)).toBe("OWNER_LOCKED");
    expect(await service.apply(robot, PrincipalState.ACTIVE, 3)).toBe(4n);
    expect(await check(shown)).toBe("OWNER_LOCKED");
    await service.apply(robot, PrincipalState.DELETED, 5);
    expect(await check(shown)).toBe("UNKNOWN");
    await service.apply(robot, PrincipalState.ACTIVE, 6);
    expect(await check(shown)).toBe("UNKNOWN");
    expect(await refusalOf(create({ ownerId: robot }))).toBe("PRINCIPAL_NOT_FOUND");
  });

  test("given to an inactive owner does not work until that is active", async () => {
    const robot = await service.newRobot();
    await service.apply(robot, PrincipalState.INACTIVE, 2);
    const { shown } = await create({ ownerId: robot });
    expect(await check(shown)).toBe("OWNER_INACTIVE");
    await service.apply(robot, PrincipalState.ACTIVE, 3);
    expect(await check(shown)).toBe("VALID");
  });

  test("expires at the instant of its expiry", async () => {
    const { shown } = await create({ expireTime: timestampFromMs(service.now().getTime() + 5000) });
    service.advance(4999);
    expect(await check(shown)).toBe("VALID");
    service.advance(1);
    expect(await check(shown)).toBe("EXPIRED");
  });

  test("is good from the addresses it is limited to, and from nowhere else", async () => {
    const { shown } = await create({ allowedIpRanges: ["192.0.2.0/24", "2001:db8::/32"] });
    const from = (sourceIp: string) => check(shown, { sourceIp });
    expect(await from("192.0.2.9")).toBe("VALID");
    expect(await from("::ffff:192.0.2.9")).toBe("VALID");
    expect(await from("2001:db8::7")).toBe("VALID");
    expect(await from("192.0.3.1")).toBe("IP_NOT_ALLOWED");
    expect(await from("")).toBe("IP_NOT_ALLOWED");
    expect(await refusalOf(verify(shown, { sourceIp: "somewhere" }))).toBe("VALIDATION_FAILED");
  });

  test("is unknown to other accounts, and good to its own", async () => {
    const { shown } = await create({});
    expect(await check(shown, {}, as(service.stranger.apiKey))).toBe("UNKNOWN");
    expect(await check(shown, {}, as(service.developer.apiKey))).toBe("VALID");
    expect(await check(shown, {}, as(service.root.apiKey))).toBe("VALID");
    const stranger = await verify(shown, {}, as(service.stranger.apiKey));
    expect(stranger.verification?.credential).toBeUndefined();
  });

  test("covers what its ACL covers", async () => {
    const acl = ["bind:foo.example", "bind:*.bar.example", "bind:tcp.example:20002", "bind:app=*"];
    const { shown } = await create(kind === "api_key" ? {} : { aclRules: acl });
    const host = (value: string): Action => ({ bind: { case: "host", value } });
    const hostPort = (value: string, port: number): Action => ({
      bind: { case: "hostPort", value: { host: value, port } },
    });
    const labels = (value: Record<string, string>): Action => ({
      bind: { case: "labels", value: { labels: value } },
    });
    const randomPort: Action = { bind: { case: "randomTcpPort", value: true } };
    const covered = [host("FOO.example"), host("a.b.bar.example"), host("*.bar.example")];
    const alsoCovered = [hostPort("tcp.example", 20002), labels({ app: "web" })];
    const foreign = [
      host("bar.example"),
      hostPort("tcp.example", 1),
      labels({ app: "web", env: "x" }),
      randomPort,
    ];
    const unbindable = [
      host(""),
      host("1.2.3.4"),
      host("a/b"),
      hostPort("x.example", 0),
      labels({}),
      labels({ a: "" }),
    ];
    for (const action of [...covered, ...alsoCovered]) expect(await check(shown, { action })).toBe("VALID");
    for (const action of foreign) {
      // An API key has no ACL to restrict it.
      expect(await check(shown, { action })).toBe(kind === "api_key" ? "VALID" : "ACL_DENIED");
    }
    for (const action of unbindable) expect(await check(shown, { action })).toBe("ACL_DENIED");
    expect(await refusalOf(verify(shown, { action: {} }))).toBe("VALIDATION_FAILED");
  });

  test("with a narrower ACL covers less from the moment of the change", async () => {
    if (kind === "api_key") return;
    const { credential, shown } = await create({});
    const action: Action = { bind: { case: "host", value: "foo.example" } };
    expect(await check(shown, { action })).toBe("VALID");
    const { credentialId } = credential;
    const change = { credentialId, aclRules: ["bind:bar.example"], updateMask: { paths: ["acl_rules"] } };
    await service.credentials.updateCredential(change, admin());
    expect(await check(shown, { action })).toBe("ACL_DENIED");
  });
});

describe("tokens", () => {
  const check = (token: string, fields: object = {}) => resultOf(kinds.authtoken.verify(token, fields));

  test("that are altered in any way are malformed", async () => {
    const { shown } = await kinds.authtoken.create({});
    const swapped = shown.replace(/[a-z](?=[^_]*$)/, (letter) => letter.toUpperCase());
    const altered = [
      "",
      shown.slice(0, -1),
      `${shown}0`,
      ` ${shown}`,
      shown.toUpperCase(),
      swapped,
      shown.replace("pcat_", "pcak_"),
      shown.replace("pcat_", ""),
      "x".repeat(100_000),
    ];
    for (const token of altered) expect(await check(token)).toBe("MALFORMED");
    expect(await check(shown)).toBe("VALID");
  });

  test("with a wrong secret, and those of no key id at all, are unknown", async () => {
    const { shown } = await kinds.authtoken.create({});
    expect(await check(withWrongSecret(shown, "authtoken"))).toBe("UNKNOWN");
    expect(await check(withWrongSecret(shown, "api_key"))).toBe("UNKNOWN");
    expect(await check(tokenCredential("authtoken").text)).toBe("UNKNOWN");
  });

  test("of a kind that is not accepted are refused by name", async () => {
    const { shown } = await kinds.authtoken.create({});
    expect(await check(shown, { acceptedKinds: [Kind.API_KEY] })).toBe("WRONG_KIND");
    expect(await check(shown, { acceptedKinds: [Kind.API_KEY, Kind.AUTHTOKEN] })).toBe("VALID");
    // A kind of the future is none of ours, and not the same as no restriction.
    expect(await check(shown, { acceptedKinds: [9] })).toBe("WRONG_KIND");
  });

  test("guessed ten times in a minute from one address are throttled there, the right one too", async () => {
    const { shown } = await kinds.authtoken.create({});
    const sourceIp = "198.51.100.1";
    const wrong = { token: withWrongSecret(shown, "authtoken"), sourceIp };
    const { verifications } = await service.verification.batchVerifyTokens(
      { requests: Array.from({ length: 12 }, () => wrong) },
      gateway,
    );
    expect(verifications.map(({ result }) => nameOf(result))).toEqual([
      ...Array.from({ length: 10 }, () => "UNKNOWN"),
      "THROTTLED",
      "THROTTLED",
    ]);
    service.advance(20_000);
    const { verification } = await kinds.authtoken.verify(shown, { sourceIp });
    expect(verification).toMatchObject({ result: Result.THROTTLED, retryAfterMs: 40_000n });
    expect(verification?.credential).toBeUndefined();
    expect(await check(shown, { sourceIp: "198.51.100.2" })).toBe("VALID");
    expect(await check(shown)).toBe("VALID");
    service.advance(40_000);
    expect(await check(shown, { sourceIp })).toBe("VALID");
  });

  test("in a batch are each judged alone, in order", async () => {
    const good = await kinds.authtoken.create({});
    const revoked = await kinds.api_key.create({});
    await service.credentials.revokeCredential({ credentialId: revoked.credential.credentialId }, admin());
    const requests = Array.from({ length: 1000 }, (_, at) => ({
      token: at % 3 === 0 ? good.shown : at % 3 === 1 ? revoked.shown : "nonsense",
    }));
    const { verifications } = await service.verification.batchVerifyTokens({ requests }, gateway);
    const expected = requests.map((_, at) => [Result.VALID, Result.REVOKED, Result.MALFORMED][at % 3]);
    expect(verifications.map(({ result }) => result)).toEqual(expected);
    const tooMany = service.verification.batchVerifyTokens(
      { requests: [...requests, { token: "" }] },
      gateway,
    );
    expect(await refusalOf(tooMany)).toBe("VALIDATION_FAILED");
    expect(await refusalOf(service.verification.batchVerifyTokens({}, gateway))).toBe("VALIDATION_FAILED");
  });
});

describe("SSH keys", () => {
  test("are known by the key, whatever the comment; what is no key is malformed", async () => {
    const { shown } = await kinds.ssh_key.create({});
    expect(await resultOf(kinds.ssh_key.verify(`${shown} somebody@else`))).toBe("VALID");
    for (const text of [
      "",
      "ssh-ed25519",
      `command="x" ${shown}`,
      shown.slice(0, -4),
      `${shown}\n${shown}`,
    ]) {
      expect(await resultOf(kinds.ssh_key.verify(text))).toBe("MALFORMED");
    }
    expect(await resultOf(kinds.ssh_key.verify(sshPublicKeyLine()))).toBe("UNKNOWN");
  });
});

describe("callers of this service", () => {
  const list = (bearer: string) => refusalOf(service.credentials.listCredentials({}, as(bearer)));

  test("are proven by its own API keys, and learn why one is not good", async () => {
    const { shown, credential } = await kinds.api_key.create({ ownerId: service.developer.principalId });
    expect(await list(shown)).toBe("none");
    await service.apply(service.developer.principalId, PrincipalState.INACTIVE, 2);
    expect(await list(shown)).toBe("CREDENTIALS_OWNER_INACTIVE");
    await service.apply(service.developer.principalId, PrincipalState.ACTIVE, 3);
    expect(await list(shown)).toBe("none");
    await service.credentials.revokeCredential({ credentialId: credential.credentialId }, admin());
    expect(await list(shown)).toBe("CREDENTIALS_REVOKED");
    expect(await list((await kinds.authtoken.create({})).shown)).toBe("CREDENTIALS_WRONG_KIND");
    expect(await list((await kinds.api_key.create({ allowedIpRanges: ["10.9.8.7"] })).shown)).toBe(
      "CREDENTIALS_IP_NOT_ALLOWED",
    );
    expect(await list("nonsense")).toBe("CREDENTIALS_INVALID");
  });

  test("who guess at a key are throttled by their address", async () => {
    const { shown } = await kinds.api_key.create({});
    const wrong = withWrongSecret(shown, "api_key");
    for (let count = 0; count < 10; count++) expect(await list(wrong)).toBe("CREDENTIALS_INVALID");
    expect(await list(shown)).toBe("TOO_MANY_ATTEMPTS");
    service.advance(60_000);
    expect(await list(shown)).toBe("none");
  });
});
