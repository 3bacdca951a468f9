// What REST through the gateway costs, beside the same RPCs without it, in the same run: requests per second,
// latency, and processor time of each process. Exits with 1 when the gateway takes more than twice the time of the
// processor that the RPC takes. Takes about a minute.
import { Agent, request } from "node:http";
import process from "node:process";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  CredentialKind,
  CredentialService,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { freePorts } from "../e2e/support/free-port.ts";
import { startInstallation } from "../e2e/support/installation.ts";
import { ServiceProcess } from "../e2e/support/service-process.ts";

const warmUpMs = 2_000;
const measureMs = 5_000;
const concurrency = 8;
const ratioMax = 2;

await using installation = await startInstallation();
const [port = 0] = await freePorts(1);
const gateway = new ServiceProcess("gateway", port, {
  WORKLOAD_KEY: installation.workloadKey,
  IDENTITY_URL: installation.identity.url,
  AUTHORIZATION_URL: installation.authorization.url,
  CREDENTIAL_URL: installation.credentials[0].url,
  REDIS_URL: installation.redis?.url ?? "redis://127.0.0.1:1",
  ACCOUNT_REQUESTS_MAX: "1000000000",
  SOURCE_REQUESTS_MAX: "1000000000",
});
await gateway.start();
const services = [installation.identity, installation.authorization, installation.credentials[0]];

const bearer = `Bearer ${installation.apiKey}`;
const rpcOptions = { headers: { authorization: bearer } };
const transport = (baseUrl: string) =>
  createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: true });
const serviceUsers = createClient(ServiceUserService, transport(installation.identity.url));
const credentials = createClient(CredentialService, transport(installation.credentials[0].url));
const agent = new Agent({ keepAlive: true, maxSockets: concurrency });

const { id } = JSON.parse(await rest("POST", "/service_users", { name: "bench" })) as { id: string };
const { serviceUser } = await serviceUsers.getServiceUser({ serviceUserId: "sa::bench" }, rpcOptions);
const serviceUserId = serviceUser?.serviceUserId ?? "";
for (let count = 0; count < 120; count++) {
  await credentials.createAuthtoken({ ownerId: serviceUserId, description: `agent ${count}` }, rpcOptions);
}

const pageOfKind = { pageSize: 101, filter: { kinds: [CredentialKind.AUTHTOKEN] } };
const cases: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
  [
    "GET one",
    () => serviceUsers.getServiceUser({ serviceUserId }, rpcOptions),
    () => rest("GET", `/service_users/${id}`),
  ],
  [
    "list 100",
    () => credentials.listCredentials(pageOfKind, rpcOptions),
    () => rest("GET", "/credentials?limit=100"),
  ],
  [
    "create",
    () => credentials.createAuthtoken({ description: "agent" }, rpcOptions),
    () => rest("POST", "/credentials", { description: "agent" }),
  ],
];

console.log(
  "                    requests/s   p50 ms   p99 ms   CPU of the services   CPU of the gateway, ms per request",
);
const ratios: number[] = [];
for (const [name, rpc, viaGateway] of cases) {
  await run(rpc, warmUpMs);
  const direct = await measure(rpc);
  show(`${name}, RPC`, direct);
  await run(viaGateway, warmUpMs);
  const through = await measure(viaGateway);
  show(`${name}, gateway`, through);
  const ratio = through.gatewayMs / direct.servicesMs;
  ratios.push(ratio);
  const verdict = ratio <= ratioMax ? "met" : "MISSED";
  console.log(
    `  the gateway's share of the RPC's CPU: ${ratio.toFixed(2)}  target <= ${ratioMax}: ${verdict}`,
  );
}
agent.destroy();
await gateway.stop();
process.exitCode = ratios.every((ratio) => ratio <= ratioMax) ? 0 : 1;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time per request, in milliseconds. */
  readonly servicesMs: number;
  readonly gatewayMs: number;
}

async function measure(call: () => Promise<unknown>): Promise<Measured> {
  const before = await cpuSeconds();
  const { latencies, seconds } = await run(call, measureMs);
  const after = await cpuSeconds();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor(latencies.length * q)] ?? Number.NaN;
  const perRequest = (from: number, to: number) => ((to - from) * 1_000) / latencies.length;
  return {
    perSecond: latencies.length / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    servicesMs: perRequest(before.services, after.services),
    gatewayMs: perRequest(before.gateway, after.gateway),
  };
}

async function run(call: () => Promise<unknown>, durationMs: number) {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const worker = async () => {
    while (performance.now() - startedAt < durationMs) {
      const calledAt = performance.now();
      await call();
      latencies.push(performance.now() - calledAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { latencies, seconds: (performance.now() - startedAt) / 1_000 };
}

/** What the processes have used so far, as they say themselves. */
async function cpuSeconds(): Promise<{ services: number; gateway: number }> {
  const [ofGateway = 0, ...ofServices] = await Promise.all(
    [gateway, ...services].map(async ({ url }) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^process_cpu_seconds_total\S* (\S+)/m.exec(text)?.[1]);
    }),
  );
  return { gateway: ofGateway, services: ofServices.reduce((sum, one) => sum + one, 0) };
}

function show(name: string, { perSecond, p50, p99, servicesMs, gatewayMs }: Measured): void {
  const cells = [
    name.padEnd(18),
    perSecond.toFixed(0).padStart(11),
    p50.toFixed(1).padStart(8),
    p99.toFixed(1).padStart(8),
    servicesMs.toFixed(2).padStart(21),
    gatewayMs.toFixed(2).padStart(20),
  ];
  console.log(cells.join(" "));
}

/** A request as clients make it: HTTP/1.1 on connections that are kept. */
function rest(method: string, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request(
      `${gateway.url}${path}`,
      {
        method,
        agent,
        headers: {
          authorization: bearer,
          "ngrok-version": "2",
          ...(text === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        },
      },
      (response) => {
        let received = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (received += chunk));
        response.on("end", () => {
          if ((response.statusCode ?? 500) < 300) resolve(received);
          else reject(new Error(`${method} ${path}: ${received}`));
        });
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}
