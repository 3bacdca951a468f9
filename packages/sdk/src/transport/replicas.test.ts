import { afterEach, expect, test, vi } from "vitest";
import type { Address } from "./address.ts";
import { Replicas } from "./replicas.ts";

const dns = vi.hoisted(() => ({ found: new Map<string, readonly { address: string; family: number }[]>() }));
// A resolver is the system's, and no test can have names of its own in it.
vi.mock("node:dns/promises", () => ({
  async lookup(name: string) {
    const found = dns.found.get(name);
    if (found === undefined) throw new Error(`${name} is not known`);
    return found;
  },
}));

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  dns.found.clear();
  vi.useRealTimers();
});

function replicasOf(addresses: string | readonly string[]) {
  const connected = new Set<Address>();
  const replicas = new Replicas<Address>(
    { addresses, tls: {} },
    (address) => {
      connected.add(address);
      return address;
    },
    (address) => connected.delete(address),
  );
  open.push(replicas);
  return { replicas, targets: () => [...connected].map(({ target }) => target), connected };
}

test("a name stands for every address that DNS has for it, and each is asked in turn", async () => {
  const addresses = ["10.0.0.1", "10.0.0.2"].map((address) => ({ address, family: 4 }));
  dns.found.set("replicas.test", [...addresses, { address: "fd00::1", family: 6 }]);
  const { replicas, targets } = replicasOf("dns:replicas.test:7403");
  await vi.waitFor(() => expect(replicas.count).toBe(3));
  const all = ["10.0.0.1:7403", "10.0.0.2:7403", "[fd00::1]:7403"];
  expect(targets()).toEqual(all);
  expect(new Set(all.map(() => replicas.next().peer.target))).toEqual(new Set(all));
});

test("certificates are still those of the name", async () => {
  dns.found.set("replicas.test", [{ address: "10.0.0.1", family: 4 }]);
  const { connected, targets } = replicasOf("dns:replicas.test:7403");
  await vi.waitFor(() => expect(targets()).toEqual(["10.0.0.1:7403"]));
  expect([...connected]).toEqual([{ target: "10.0.0.1:7403", host: "replicas.test", isTls: true }]);
});

test("who joins is asked and who leaves is not, once DNS has it; who stays keeps its connection", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const at = (...hosts: string[]) => hosts.map((address) => ({ address, family: 4 }));
  dns.found.set("replicas.test", at("10.0.0.1", "10.0.0.2"));
  const { connected, targets } = replicasOf("dns:replicas.test:7403");
  await vi.waitFor(() => expect(connected.size).toBe(2));
  const kept = [...connected][1];
  dns.found.set("replicas.test", at("10.0.0.2", "10.0.0.3"));
  vi.advanceTimersByTime(30_000);
  await vi.waitFor(() => expect(targets()).toEqual(["10.0.0.2:7403", "10.0.0.3:7403"]));
  expect([...connected][0]).toBe(kept);
});

test("while a name can't be looked up, the replicas are those of before", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  dns.found.set("replicas.test", [{ address: "10.0.0.1", family: 4 }]);
  const { targets } = replicasOf(["10.0.0.9:7403", "dns:replicas.test:7403"]);
  const all = ["10.0.0.9:7403", "10.0.0.1:7403"];
  await vi.waitFor(() => expect(targets()).toEqual(all));
  dns.found.clear();
  vi.advanceTimersByTime(30_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(targets()).toEqual(all);
});
