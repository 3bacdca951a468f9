import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { createWorkloadTokenSource } from "@portcullis/service";
import { afterEach, expect, test } from "vitest";
import { type Serving, serve, workloadKey } from "./testing/serving.ts";

const certificates = join(import.meta.dirname, "../../packages/service/src/testing/certificates");
const pem = (name: string) => readFileSync(join(certificates, name));
const tls = { cert: pem("server.crt"), key: pem("server.key") };
const ca = pem("ca.crt");

let serving: Serving | undefined;
afterEach(async () => serving?.stop());

/** Whether a check about nobody is answered, with these TLS options, on both ports. */
async function areAnswered({ port, dataPort }: Serving, nodeOptions: object | undefined) {
  const authorization = `Bearer ${await createWorkloadTokenSource(workloadKey, "gateway", "authorization")()}`;
  const subject = { accountId: "acct_1", principalId: "user_1" };
  const asked = [port, dataPort].map(async (to) => {
    const baseUrl = `${nodeOptions === undefined ? "http" : "https"}://127.0.0.1:${to}`;
    const transport = createGrpcTransport({ baseUrl, nodeOptions: nodeOptions ?? {} });
    const call = createClient(CheckService, transport).check(
      { subject, permissionId: "ingestion" },
      { headers: { authorization } },
    );
    return call.then(
      ({ allowed }) => !allowed,
      () => false,
    );
  });
  return Promise.all(asked);
}

const both = [true, true];
const neither = [false, false];

test("checks are answered over TLS to who knows the authority, and to nobody without TLS", async () => {
  serving = await serve({ tls });
  expect(await areAnswered(serving, { ca })).toEqual(both);
  expect(await areAnswered(serving, {})).toEqual(neither);
  expect(await areAnswered(serving, undefined)).toEqual(neither);
});

test("where clients must prove themselves, checks are answered to those whose certificate is of the authority", async () => {
  serving = await serve({ tls: { ...tls, clientCa: ca } });
  const own = { cert: pem("client.crt"), key: pem("client.key") };
  const strangers = { cert: pem("stranger.crt"), key: pem("stranger.key") };
  expect(await areAnswered(serving, { ca, ...own })).toEqual(both);
  expect(await areAnswered(serving, { ca })).toEqual(neither);
  expect(await areAnswered(serving, { ca, ...strangers })).toEqual(neither);
});
