import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import type { Checker, Verifier } from "@portcullis/sdk";
import { callerOf, requireCaller } from "@portcullis/sdk/connect";

/** For http.createServer or http2.createServer. */
export function createHandler(verifier: Verifier, checker: Checker, onCaller: (ownerId: string) => void) {
  return connectNodeAdapter({
    interceptors: [requireCaller({ verifier, checker, permission: "reports.read" })],
    routes(router) {
      router.service(Health, {
        check(_request, context) {
          onCaller(callerOf(context).ownerId);
          return { status: Status.SERVING };
        },
      });
    },
  });
}
