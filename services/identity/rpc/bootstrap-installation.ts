import type { MethodImpl } from "@connectrpc/connect";
import {
  BootstrapInstallationRequestSchema,
  type InstallationService,
} from "@portcullis/contracts/portcullis/identity/v1/installation_pb.ts";
import { callOf, mutationOf } from "@portcullis/service";
import { bootstrapInstallation as bootstrap } from "../domain/bootstrap-installation.ts";
import type { IdentityDeps } from "./deps.ts";

export function bootstrapInstallation(
  deps: IdentityDeps,
): MethodImpl<typeof InstallationService.method.bootstrapInstallation> {
  return async (request, context) => {
    const call = callOf(context);
    const command = {
      mutation: mutationOf(call, BootstrapInstallationRequestSchema, request),
      accountDisplayName: request.accountDisplayName,
      email: request.email,
    };
    return bootstrap(deps, command, call.signal);
  };
}
