import type { MethodImpl } from "@connectrpc/connect";
import type { CatalogService } from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { listCatalogPermissions } from "../domain/list-catalog-permissions.ts";

/** Lists every permission there is. */
export function listPermissions(): MethodImpl<typeof CatalogService.method.listCatalogPermissions> {
  return () => ({ permissions: [...listCatalogPermissions()] });
}
