import {
  createRegistry,
  type DescFile,
  type DescService,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import type { ServerReflectionResponseSchema } from "@portcullis/contracts/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection } from "@portcullis/contracts/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "@portcullis/contracts/grpc/reflection/v1alpha/reflection_pb.ts";

/** A request of either version of the protocol; they differ in name only. */
interface Question {
  readonly host: string;
  readonly messageRequest:
    | {
        readonly case:
          | "listServices"
          | "fileByFilename"
          | "fileContainingSymbol"
          | "allExtensionNumbersOfType";
        readonly value: string;
      }
    | {
        readonly case: "fileContainingExtension";
        readonly value: { readonly containingType: string; readonly extensionNumber: number };
      }
    | { readonly case: undefined };
}
type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>;

/** Serves the reflection protocol, v1 and v1alpha, so that tools such as grpcurl need no proto files. */
export function serveReflection(router: ConnectRouter, services: readonly DescService[]): void {
  const answer = createReflection([...services, ServerReflection, ServerReflectionAlpha]);
  async function* serverReflectionInfo(requests: AsyncIterable<Question>) {
    for await (const request of requests) yield answer(request);
  }
  router.service(ServerReflection, { serverReflectionInfo });
  router.service(ServerReflectionAlpha, { serverReflectionInfo });
}

function createReflection(services: readonly DescService[]) {
  const files = new Map<string, DescFile>();
  for (const service of services) collect(service.file, files);
  const registry = createRegistry(...files.values());

  const fileOfSymbol = (symbol: string): DescFile | undefined => {
    const direct = registry.get(symbol);
    if (direct !== undefined) return direct.file;
    // A method or field is asked for by the name of what holds it, a dot, and its own.
    const parent = registry.get(symbol.slice(0, Math.max(0, symbol.lastIndexOf("."))));
    return parent?.file;
  };

  return (request: Question) => {
    const head = { validHost: request.host };
    const asked = request.messageRequest;
    switch (asked.case) {
      case "listServices": {
        const service = services.map(({ typeName }) => ({ name: typeName }));
        return {
          ...head,
          messageResponse: { case: "listServicesResponse", value: { service } },
        } satisfies Answer;
      }
      case "fileByFilename":
        return { ...head, ...describe(files.get(asked.value)) };
      case "fileContainingSymbol":
        return { ...head, ...describe(fileOfSymbol(asked.value)) };
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = asked.value;
        const extendee = registry.getMessage(containingType);
        const extension = extendee && registry.getExtensionFor(extendee, extensionNumber);
        return { ...head, ...describe(extension?.file) };
      }
      case "allExtensionNumbersOfType": {
        const extensionNumber = [...registry]
          .filter((type) => type.kind === "extension")
          .filter((extension) => extension.extendee.typeName === asked.value)
          .map(({ number }) => number);
        const value = { baseTypeName: asked.value, extensionNumber };
        return { ...head, messageResponse: { case: "allExtensionNumbersResponse", value } } satisfies Answer;
      }
      case undefined:
        return { ...head, ...failure(Code.InvalidArgument, "nothing was asked") };
    }
  };
}

function collect(file: DescFile, into: Map<string, DescFile>): void {
  const name = `${file.name}.proto`;
  if (into.has(name)) return;
  into.set(name, file);
  for (const dependency of file.dependencies) collect(dependency, into);
}

/** A file with everything that it imports, as the protocol allows, to spare round trips. */
function describe(file: DescFile | undefined) {
  if (file === undefined) return failure(Code.NotFound, "not found");
  const all = new Map<string, DescFile>();
  collect(file, all);
  const fileDescriptorProto = [...all.values()].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return {
    messageResponse: { case: "fileDescriptorResponse", value: { fileDescriptorProto } },
  } satisfies Answer;
}

function failure(errorCode: Code, errorMessage: string) {
  return { messageResponse: { case: "errorResponse", value: { errorCode, errorMessage } } } satisfies Answer;
}
