import {
  Server,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Checker, Verifier } from "@portcullis/sdk";
import { callerOf, requireCaller } from "@portcullis/sdk/grpc-js";

export function createServer(verifier: Verifier, checker: Checker): Server {
  return new Server({ interceptors: [requireCaller({ verifier, checker, permission: "reports.read" })] });
}

export const handlers: UntypedServiceImplementation = {
  whoAmI(call: ServerUnaryCall<string, string>, callback: sendUnaryData<string>) {
    callback(null, callerOf(call).ownerId);
  },
};
