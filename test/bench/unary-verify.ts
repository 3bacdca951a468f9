import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials as grpcCredentials, Metadata } from "@grpc/grpc-js";
import {
  VerificationResult,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";

/** As a program without the SDK would ask: a gRPC call for each token. */
export interface UnaryVerify {
  isValid(token: string): Promise<boolean>;
  close(): void;
}

export function connectUnary(address: string, bearer: string): UnaryVerify {
  const client = new Client(address, grpcCredentials.createInsecure());
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${bearer}`);
  return {
    isValid: (token) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          "/portcullis.credential.v1.VerificationService/VerifyToken",
          (text: string) =>
            Buffer.from(
              toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, { token: text })),
            ),
          (bytes) => fromBinary(VerifyTokenResponseSchema, bytes),
          token,
          metadata,
          (error, answer) => {
            if (error === null) resolve(answer?.verification?.result === VerificationResult.VALID);
            else reject(error);
          },
        );
      }),
    close: () => client.close(),
  };
}
