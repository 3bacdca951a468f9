import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { revocationWatch } from "@portcullis/service";
import { type DataMethod, messageStream } from "@portcullis/service/data-plane";
import { isVisible, type RouteDeps } from "../routes.ts";
import { batchCheck } from "./batch-check.ts";
import { checkPermission } from "./check.ts";

/** What the authorization service's data plane serves. */
export function dataMethods(deps: Pick<RouteDeps, "facts" | "tokens" | "coherence">): readonly DataMethod[] {
  const watch = revocationWatch({ ...deps.coherence, isVisible });
  return [
    checkPermission(deps),
    batchCheck(deps),
    messageStream(CheckService.method.watchRevocations, watch),
  ];
}
