import type { MethodImpl } from "@connectrpc/connect";
import {
  type CatalogService,
  RegisterPermissionsRequestSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/catalog_pb.ts";
import { callOf, mutationOf, type ReceiptBook } from "@portcullis/service";
import { installationScope } from "../domain/ids.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import { parseRegistration, registerPermissions as register } from "../domain/register-permissions.ts";
import { toReceipt } from "./receipts.ts";

/** Makes the permissions of a namespace those of the request. */
export function registerPermissions(deps: {
  readonly work: UnitOfWork;
  readonly receipts: ReceiptBook;
}): MethodImpl<typeof CatalogService.method.registerPermissions> {
  return async (request, context) => {
    const call = callOf(context);
    const mutation = mutationOf(call, RegisterPermissionsRequestSchema, request);
    const { namespace, permissions, objectTypes } = request;
    const version = Number(request.version);
    const registration = parseRegistration({ namespace, version, permissions, objectTypes });
    const { value, effect } = await register(deps, mutation, registration, call.signal);
    const receipt = await toReceipt(
      deps,
      { accountId: installationScope },
      "catalog.register",
      namespace,
      effect,
    );
    return { version: BigInt(value), ...receipt };
  };
}
