import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const protoFolder = join(import.meta.dirname, "../../../proto");
const definition = loadSync(
  [
    "portcullis/identity/v1/service_user.proto",
    "portcullis/credential/v1/credential.proto",
    "portcullis/credential/v1/verification.proto",
  ],
  { includeDirs: [protoFolder, join(protoFolder, "vendor")], enums: String, longs: Number, defaults: true },
);
const loaded = grpc.loadPackageDefinition(definition);

type Answer = Readonly<Record<string, unknown>>;
/** Calls a method by name with a plain object, and resolves with a plain object. */
export type Call = (method: string, request: object) => Promise<Answer>;

/**
 * A client as a user of grpc-js writes it: from the proto files alone, by names. `service` is the full name,
 * e.g. `portcullis.identity.v1.ServiceUserService`.
 */
export function grpcJsClient(url: string, service: string, bearer: string): { call: Call; close(): void } {
  const Client = service
    .split(".")
    .reduce<unknown>(
      (found, part) => (found as Record<string, unknown>)[part],
      loaded,
    ) as grpc.ServiceClientConstructor;
  const client = new Client(url.replace("http://", ""), grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${bearer}`);
  return {
    call: (method, request) =>
      new Promise((resolve, reject) => {
        const invoke = client[method] as unknown as UnaryMethod;
        invoke.call(client, request, metadata, { deadline: Date.now() + 20_000 }, (error, answer) =>
          error === null ? resolve(answer ?? {}) : reject(error),
        );
      }),
    close: () => client.close(),
  };
}

type UnaryMethod = (
  request: object,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  callback: (error: grpc.ServiceError | null, answer?: Answer) => void,
) => void;
