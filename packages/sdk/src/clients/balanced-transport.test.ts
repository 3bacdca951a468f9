import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, ConnectError, type ConnectRouter, createClient } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { afterEach, expect, test } from "vitest";
import { balancedTransport } from "./balanced-transport.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function startServer(routes: (router: ConnectRouter) => void): Promise<string> {
  const server: Http2Server = createServer(connectNodeAdapter({ routes })).listen(0, "127.0.0.1");
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  await once(server, "listening");
  open.push({
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientsOf(addresses: readonly string[]) {
  const transport = balancedTransport({ addresses }, { bearer: { token: () => "fresh" }, timeoutMs: 3_000 });
  open.push(transport);
  return {
    credentials: createClient(CredentialService, transport),
    checks: createClient(CheckService, transport),
  };
}

test("a change is sent again with the same request id, which it is given, and the bearer token", async () => {
  const seen: string[] = [];
  const address = await startServer((router) =>
    router.service(CredentialService, {
      revokeCredential(request, context) {
        seen.push(`${request.requestId} ${context.requestHeader.get("authorization")}`);
        if (seen.length < 3) throw new ConnectError("not now", Code.Unavailable);
        return {};
      },
    }),
  );
  await clientsOf([address]).credentials.revokeCredential({ credentialId: "cred_1" });
  expect(seen).toHaveLength(3);
  expect(new Set(seen).size).toBe(1);
  expect(seen[0]).toMatch(/^[\w-]{36} Bearer fresh$/);
});

test("a request id that the caller chose is kept", async () => {
  const seen: string[] = [];
  const address = await startServer((router) =>
    router.service(CredentialService, {
      revokeCredential({ requestId }) {
        seen.push(requestId);
        return {};
      },
    }),
  );
  await clientsOf([address]).credentials.revokeCredential({ credentialId: "cred_1", requestId: "mine" });
  expect(seen).toEqual(["mine"]);
});

test("what was refused for good is not sent again", async () => {
  let calls = 0;
  const address = await startServer((router) =>
    router.service(CheckService, {
      check() {
        calls++;
        throw new ConnectError("no", Code.PermissionDenied);
      },
    }),
  );
  await expect(clientsOf([address]).checks.check({})).rejects.toMatchObject({ code: Code.PermissionDenied });
  expect(calls).toBe(1);
});

test("replicas are asked in turn, and one that is not there is left out", async () => {
  const counts = [0, 0];
  const addresses = await Promise.all(
    counts.map((_, index) =>
      startServer((router) =>
        router.service(CheckService, {
          check() {
            counts[index] = (counts[index] ?? 0) + 1;
            return { allowed: true };
          },
        }),
      ),
    ),
  );
  const { checks } = clientsOf([...addresses, "127.0.0.1:1"]);
  for (let call = 0; call < 40; call++) expect((await checks.check({})).allowed).toBe(true);
  expect(Math.min(...counts)).toBeGreaterThan(10);
});

test("where everything fails, calls are not multiplied", async () => {
  let calls = 0;
  const address = await startServer((router) =>
    router.service(CheckService, {
      check() {
        calls++;
        throw new ConnectError("not now", Code.Unavailable);
      },
    }),
  );
  const { checks } = clientsOf([address]);
  await Promise.allSettled(Array.from({ length: 100 }, () => checks.check({})));
  expect(calls).toBeLessThanOrEqual(100 + 10 + 20);
});

test("a call ends with its deadline", async () => {
  const address = await startServer((router) =>
    router.service(CheckService, {
      check: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new ConnectError("late", Code.DeadlineExceeded)));
        }),
    }),
  );
  const called = clientsOf([address]).checks.check({}, { timeoutMs: 200 });
  await expect(called).rejects.toMatchObject({ code: Code.DeadlineExceeded });
});
