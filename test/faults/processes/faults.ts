import { setTimeout as delay } from "node:timers/promises";
import { type Cluster, type Replica, startReplica } from "./cluster.ts";
import type { Random } from "./random.ts";

export interface Fault {
  readonly name: string;
  /** What is said of receipts holds meanwhile. */
  readonly isHarmless?: boolean;
  /** Breaks something, waits, and mends it. */
  readonly strike: () => Promise<void>;
}

/** Broken for so many milliseconds. */
function broken(name: string, forMs: number, breakIt: () => void, mend: () => void): Fault {
  return {
    name,
    async strike() {
      breakIt();
      await delay(forMs);
      mend();
    },
  };
}

/** What can happen to one replica. */
export function faultsOfReplica(replica: Replica, random: Random): readonly Fault[] {
  const { postgres, redis, process } = replica;
  const forMs = random.between(200, 3_000);
  const slowMs = random.between(5, 120);
  const healPostgres = () => postgres.heal();
  const healRedis = () => redis.heal();
  return [
    broken(
      "replica stopped (SIGSTOP)",
      random.between(200, 5_000),
      () => process.signal("SIGSTOP"),
      () => process.signal("SIGCONT"),
    ),
    {
      name: "replica killed (kill -9) and started",
      async strike() {
        replica.isUp = false;
        await process.kill();
        await startReplica(replica);
      },
    },
    broken("replica cut off from Postgres", forMs, () => postgres.cut(), healPostgres),
    broken("nothing passes to Postgres", forMs, () => postgres.stick(), healPostgres),
    broken("Postgres is slow for a replica", forMs, () => postgres.slow(slowMs), healPostgres),
    broken("replica cut off from Redis", forMs, () => redis.cut(), healRedis),
    broken("nothing passes to Redis", forMs, () => redis.stick(), healRedis),
    broken("Redis is slow for a replica", forMs, () => redis.slow(slowMs), healRedis),
    broken(
      "nothing passes to Postgres and Redis",
      forMs,
      () => {
        postgres.stick();
        redis.stick();
      },
      () => {
        postgres.heal();
        redis.heal();
      },
    ),
  ];
}

/** What can happen to what all replicas depend on. */
export function faultsOfAll(cluster: Cluster, random: Random): readonly Fault[] {
  const redisAway = async (forMs: number) => {
    await cluster.stopRedis();
    await delay(forMs);
    await cluster.startRedis();
  };
  const postgresAway = async (forMs: number) => {
    await cluster.stopPostgres();
    await delay(forMs);
    await cluster.startPostgres();
  };
  // Receipts do not depend on Redis, but for how fast they come.
  return [
    { name: "Redis flushed", isHarmless: true, strike: () => cluster.flushRedis() },
    { name: "Redis restarted", isHarmless: true, strike: () => redisAway(0) },
    { name: "Redis down", isHarmless: true, strike: () => redisAway(random.between(1_000, 4_000)) },
    { name: "Postgres restarted", strike: () => postgresAway(0) },
    { name: "Postgres down", strike: () => postgresAway(random.between(1_000, 3_000)) },
  ];
}

/** A replica that was not there comes, and goes again, in good order or not. */
export function joining(replica: Replica, random: Random): Fault {
  return {
    name: "replica joins and leaves",
    async strike() {
      await startReplica(replica);
      await delay(random.between(500, 3_000));
      replica.isUp = false;
      if (random.next() < 0.5) await replica.process.stop();
      else await replica.process.kill();
    },
  };
}
