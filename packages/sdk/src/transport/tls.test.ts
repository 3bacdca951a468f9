import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer, type TlsOptions as ServerTls } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { FakePortcullis } from "../testing/index.ts";
import { createVerifier } from "../verification/verifier.ts";
import type { TlsOptions } from "./address.ts";

const certificates = join(import.meta.dirname, "../../../service/src/testing/certificates");
const pem = (name: string) => readFileSync(join(certificates, name), "utf8");
const ca = pem("ca.crt");
const mutual = { requestCert: true, rejectUnauthorized: true, ca };

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0).toReversed()) one[Symbol.dispose]();
});

/** `host:port` of a service that knows the token pcak_1, behind TLS. */
async function startTls(options: ServerTls = {}): Promise<string> {
  const fake = await FakePortcullis.start();
  open.push(fake);
  fake.add("pcak_1", { accountId: "acct_1", ownerId: "svc_1" });
  const port = Number(fake.address.split(":")[1]);
  const own = { cert: pem("server.crt"), key: pem("server.key"), ALPNProtocols: ["h2"] };
  const server = createServer({ ...own, ...options }, (socket) => {
    const inner = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push({ [Symbol.dispose]: () => void server.close() });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function verify(addresses: string, tls?: TlsOptions): Promise<string> {
  using verifier = createVerifier({
    addresses,
    apiKey: "pcak_caller",
    timeoutMs: 1_500,
    ...(tls && { tls }),
  });
  try {
    return (await verifier.verifyAsync("pcak_1")).result;
  } catch {
    return "failed";
  }
}

test("TLS with an authority that is trusted, by options or by https:", async () => {
  const address = await startTls();
  expect(await verify(address, { ca })).toBe("valid");
  expect(await verify(`https://${address}`, { ca })).toBe("valid");
});

test("nothing is asked of a server that nobody trusted has signed, nor without TLS of one that has it", async () => {
  const address = await startTls();
  expect(await verify(address, {})).toBe("failed");
  expect(await verify(address)).toBe("failed");
});

test("a name of which DNS has addresses is proven by the name", async () => {
  const port = (await startTls()).split(":")[1];
  expect(await verify(`dns:localhost:${port}`, { ca })).toBe("valid");
});

test("who must prove itself does, with its own certificate", async () => {
  const address = await startTls(mutual);
  const own = { certificate: pem("client.crt"), key: pem("client.key") };
  const strangers = { certificate: pem("stranger.crt"), key: pem("stranger.key") };
  expect(await verify(address, { ca, ...own })).toBe("valid");
  expect(await verify(address, { ca, ...strangers })).toBe("failed");
  expect(await verify(address, { ca })).toBe("failed");
});
