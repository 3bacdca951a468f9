import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  create,
  type DescFile,
  type DescMethod,
  type DescService,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import type { ConnectRouter, MethodImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { sampleOf } from "./sample.ts";

/** A call as it arrived. */
interface Received {
  readonly method: DescMethod;
  readonly request: Message & Readonly<Record<string, unknown>>;
}

/** Every service of the contracts, on one port: each method answers with something of each field. */
export interface AnyService {
  readonly url: string;
  readonly received: Received[];
  /** The requests of one method, in order. */
  requestsOf(method: string): readonly Received["request"][];
  /** Lets a method answer with these, one after the other, and with the last from then on. */
  answer<Method extends DescMethod>(
    method: Method,
    ...inits: readonly MessageInitShape<Method["output"]>[]
  ): void;
  close(): Promise<void>;
}

const resolve = createRequire(import.meta.url).resolve;
/** The folder with everything that is generated from our own proto files. */
const generated = join(dirname(resolve("@portcullis/contracts/portcullis/common/v1/access_pb.ts")), "../..");

/** All services of the contracts. */
export async function allServices(): Promise<readonly DescService[]> {
  const names = (await readdir(generated, { recursive: true })).filter((name) => name.endsWith("_pb.ts"));
  const modules = await Promise.all(
    names.toSorted().map((name): Promise<object> => import(pathToFileURL(join(generated, name)).href)),
  );
  return modules.flatMap((module) => Object.values(module).filter(isFile)).flatMap((file) => file.services);
}

/** Starts it on a free port of 127.0.0.1. */
export async function startAnyService(): Promise<AnyService> {
  const services = await allServices();
  const received: Received[] = [];
  const answers = new Map<DescMethod, Message[]>();
  const serve = (method: DescMethod) => {
    const take = (request: Message) => {
      received.push({ method, request });
      const [next, ...later] = answers.get(method) ?? [];
      if (later.length > 0) answers.set(method, later);
      return next ?? sampleOf(method.output);
    };
    if (method.methodKind === "unary") return take;
    return async function* stream(request: Message) {
      yield take(request);
    };
  };
  const server = createServer(
    connectNodeAdapter({
      routes(router: ConnectRouter) {
        for (const service of services) {
          for (const method of service.methods) {
            if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") continue;
            // What `serve` gives has the method's own kind and messages.
            router.rpc(method, serve(method) as MethodImpl<typeof method>);
          }
        }
      },
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    requestsOf: (name) => received.filter(({ method }) => method.name === name).map(({ request }) => request),
    answer(method, ...inits) {
      answers.set(
        method,
        inits.map((init) => create(method.output, init)),
      );
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function isFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}
