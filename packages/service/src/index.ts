export { accessOf, requireAccessDeclared } from "./access.ts";
export { AttemptWindows } from "./attempt-windows.ts";
export { type Call, callOf, type Mutation, mutationOf, type OpenCall, openCallOf } from "./call.ts";
export type { Caller, CallerSession, PrincipalCaller, WorkloadCaller } from "./caller.ts";
export { ConfigError, commonConfig, readConfig, urlOf } from "./config.ts";
export { newId } from "./ids.ts";
export { passedOnByHeader, sourceHeader } from "./interceptors/source-address.ts";
export { createLogger } from "./logger.ts";
export { memoryConfig, oneRedis, redisConfig, redisTargetOf } from "./memory-config.ts";
export { createMetrics, type RpcMetrics } from "./metrics.ts";
export { createPeerClient, type PeerOptions, retryOnce, unavailablePeer } from "./peers/peer-client.ts";
export { openPeerChecker, openPeerVerifier } from "./peers/peer-memory.ts";
export { peerMemoryConfig } from "./peers/peer-memory-config.ts";
export { observePeerMemories } from "./peers/peer-memory-metrics.ts";
export { createRemoteAuthenticator } from "./peers/remote-authenticator.ts";
export { createRemoteAuthorizer } from "./peers/remote-authorizer.ts";
export { type Proof, principalOf } from "./peers/verification-answer.ts";
export { receiptConfig } from "./receipts/config.ts";
export { mergeEnforcements, type SettledChange, toEnforcement } from "./receipts/enforcement.ts";
export {
  createReceiptIssuer,
  type ReceiptIssuer,
  type ReceiptIssuerDeps,
  type ReceiptRequest,
  type Revocation,
} from "./receipts/issue.ts";
export { type ReceiptKeys, type ReceiptPublicKey } from "./receipts/keys.ts";
export {
  createReceiptBook,
  type ReceiptBook,
  type ReceiptBookDeps,
  type ReceiptRecord,
} from "./receipts/receipt-book.ts";
export { type ReceiptVerification, verifyReceipt } from "./receipts/verify.ts";
export { requestIdHeader, withRequestId } from "./request-id.ts";
export { configOrExit, type Running, runService } from "./run-service.ts";
export type { ApiKeyAuthenticator, Authorizer, Decision, SecurityDeps } from "./security.ts";
export { connectHandler } from "./server/connect-handler.ts";
export { createHealthReporter, type HealthReporter, healthService } from "./server/health.ts";
export { type HttpRequest, type HttpResponse, type Listener, listen } from "./server/listener.ts";
export { type RunningServer, type ServerOptions, startServer } from "./server/start-server.ts";
export { Outbox } from "./streams/outbox.ts";
export { visibleWithin } from "./streams/scope-visibility.ts";
export { revocationWatch, type WatchOptions, watchRevocations } from "./streams/watch-revocations.ts";
export { readTls, type Tls, tlsConfig, wholeTls } from "./tls.ts";
export { parseUpdateMask } from "./update-mask.ts";
export { reasonNamed, reasonOf, toWireError } from "./wire-error.ts";
export { createWorkloadTokenSource, parseWorkloadKey, type WorkloadKey } from "./workload-token.ts";
