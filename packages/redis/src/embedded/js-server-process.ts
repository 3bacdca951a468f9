// The program that `startJsServer` runs. Its argument is a file with the port and the password.
import { readFileSync } from "node:fs";
import { Server } from "node:net";
import { createRedisServer } from "js-redis-server";

const { port, password } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  port: number;
  password: string;
};

// js-redis-server listens on all interfaces and has no option for it.
// oxlint-disable-next-line typescript/unbound-method -- it is applied to its server below
const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  return Reflect.apply(listen, this, [{ port: args[0], host: "127.0.0.1" }]);
};

const redis = await createRedisServer({ port, compatibility: "redis-7.0" });
// Nor for this one; the policy that asks for it reads it at each command.
Object.assign(redis.state, { requirepass: password });

process.once("SIGTERM", () => process.exit(0));
