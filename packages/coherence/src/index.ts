export type { Authority, Incarnation, Registration, SyncAnswer } from "./authority.ts";
export { createBatcher } from "./batcher.ts";
export { CacheFollower, type CacheFollowerDeps, type CacheStream } from "./cache-follower.ts";
export type { Arrival, Channel, Following, Receiver } from "./channel.ts";
export { type Cancel, type Clock, type Moment, momentOf, systemClock } from "./clock.ts";
export { type CacheOptions, type CacheStats, CoherentCache } from "./coherent-cache.ts";
export { type CacheReplies, FollowedLog } from "./followed-log.ts";
export type { Follower } from "./followers.ts";
export { Lease } from "./lease.ts";
export type { LogEntry, LogPosition } from "./log-entry.ts";
export {
  type Acknowledgement,
  decodeAcknowledgement,
  encodeAcknowledgement,
  encodePush,
  generationOf,
  type Push,
} from "./push.ts";
export { PushIntake, type PushIntakeDeps } from "./push-intake.ts";
export { type Basis, type Mode, Replica, type ReplicaDeps, type ReplicaOptions } from "./replica.ts";
export { everything, kindOf, type Scope, scopeOf } from "./scope.ts";
export { ScopeTable, type Ties } from "./scope-table.ts";
export {
  type Committed,
  type Settlement,
  Settler,
  type SettlerDeps,
  UnsettledError,
  type Verifier,
} from "./settler.ts";
export { defaultTiming, leaseOverAfterMs, type Timing } from "./timing.ts";
