import type { MethodImpl } from "@connectrpc/connect";
import type { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { callOf } from "@portcullis/service";
import type { CatalogStore } from "../domain/catalog-ports.ts";
import { listCatalogPermissions as list } from "../domain/list-catalog-permissions.ts";

/** Lists every permission there is. */
export function listCatalogPermissions(deps: {
  readonly catalog: CatalogStore;
}): MethodImpl<typeof CatalogService.method.listCatalogPermissions> {
  return async (_request, context) => {
    const call = callOf(context);
    return { permissions: [...(await list(deps, call.signal))] };
  };
}
