export { createRedisChannel, type RedisChannel, type RedisChannelOptions } from "./channel.ts";
export {
  createWarmStore,
  type WarmKeys,
  type WarmRecord,
  type WarmStore,
  type WarmStoreOptions,
} from "./warm-store.ts";
