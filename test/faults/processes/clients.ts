import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { CredentialService } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { VerificationService } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { createWorkloadTokenSource, parseWorkloadKey } from "@portcullis/service";

/** What one replica of credential is asked, each in the name of who asks it in production. */
export interface CredentialClients {
  readonly verification: Client<typeof VerificationService>;
  readonly enforcement: Client<typeof PrincipalEnforcementService>;
  /** As an operator: for creating. */
  readonly creation: Client<typeof CredentialService>;
  /** With the API key that is given with each call. */
  readonly credentials: Client<typeof CredentialService>;
}

/** gRPC; nothing is repeated behind the caller's back. */
export function connectCredential(baseUrl: string, workloadKey: string): CredentialClients {
  const key = parseWorkloadKey(workloadKey);
  const transportAs = (name: string) => {
    const token = createWorkloadTokenSource(key, name, "credential");
    const authenticate: Interceptor = (next) => async (request) => {
      request.header.set("authorization", `Bearer ${await token()}`);
      return next(request);
    };
    return createGrpcTransport({ baseUrl, interceptors: [authenticate] });
  };
  return {
    verification: createClient(VerificationService, transportAs("gateway")),
    enforcement: createClient(PrincipalEnforcementService, transportAs("identity")),
    creation: createClient(CredentialService, transportAs("operator")),
    credentials: createClient(CredentialService, createGrpcTransport({ baseUrl })),
  };
}
