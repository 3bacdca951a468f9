export {
  openRedis,
  type RedisConnection,
  type RedisConnectionOptions,
  type RedisTarget,
} from "./redis-connection.ts";
