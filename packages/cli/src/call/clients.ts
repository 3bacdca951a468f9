import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { CheckService } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { RoleService } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import { ReceiptService } from "@portcullis/contracts/portcullis/common/v1/receipt_service_pb.ts";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { AccountService } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { ServiceUserService } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import type { ServiceName, Settings } from "../config/settings.ts";

/** A client of each service. */
export interface Clients {
  readonly accounts: Client<typeof AccountService>;
  readonly serviceUsers: Client<typeof ServiceUserService>;
  readonly credentials: Client<typeof CredentialService>;
  readonly verification: Client<typeof VerificationService>;
  readonly roles: Client<typeof RoleService>;
  readonly roleBindings: Client<typeof RoleBindingService>;
  readonly check: Client<typeof CheckService>;
  /** Of each service: the keys of its receipts. */
  readonly receipts: Readonly<Record<ServiceName, Client<typeof ReceiptService>>>;
}

/**
 * Clients that prove themselves with the API key, if there is one, and say with each call `calling` which service it goes to.
 * They speak Connect over HTTP/1.1, which every proxy passes on.
 */
export function createClients(
  { urls }: Settings,
  apiKey: string | undefined,
  calling: (service: ServiceName) => void,
): Clients {
  const transportTo = (service: ServiceName) => {
    const authenticate: Interceptor = (next) => (request) => {
      calling(service);
      if (apiKey !== undefined) request.header.set("authorization", `Bearer ${apiKey}`);
      return next(request);
    };
    return createConnectTransport({
      baseUrl: urls[service],
      httpVersion: "1.1",
      interceptors: [authenticate],
    });
  };
  const identity = transportTo("identity");
  const authorization = transportTo("authorization");
  const credential = transportTo("credential");
  return {
    accounts: createClient(AccountService, identity),
    serviceUsers: createClient(ServiceUserService, identity),
    credentials: createClient(CredentialService, credential),
    verification: createClient(VerificationService, credential),
    roles: createClient(RoleService, authorization),
    roleBindings: createClient(RoleBindingService, authorization),
    check: createClient(CheckService, authorization),
    receipts: {
      identity: createClient(ReceiptService, identity),
      authorization: createClient(ReceiptService, authorization),
      credential: createClient(ReceiptService, credential),
    },
  };
}
