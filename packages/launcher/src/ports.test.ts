import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { requireFreePorts } from "./ports.ts";

test("a port that is used is named, with the service that needs it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = { name: "authorization", host: "127.0.0.1", port, url: "" };
  await expect(requireFreePorts([endpoint])).rejects.toThrow(
    `Port ${port}, which authorization needs, is used by another program.`,
  );
});

test("an address of another machine is told in words", async () => {
  const endpoint = { name: "identity", host: "192.0.2.1", port: 7401, url: "" };
  await expect(requireFreePorts([endpoint])).rejects.toThrow(/192\.0\.2\.1 is no address of this machine/);
});

test("a port that was only looked at is free again", async () => {
  const endpoint = { name: "identity", host: "127.0.0.1", port: 0, url: "" };
  await requireFreePorts([endpoint]);
  await requireFreePorts([endpoint]);
});
