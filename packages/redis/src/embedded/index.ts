export {
  type EmbeddedRedis,
  EmbeddedRedisError,
  type EmbeddedRedisOptions,
  startEmbeddedRedis,
} from "./start.ts";
