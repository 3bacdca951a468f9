import { setTimeout as delay } from "node:timers/promises";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@portcullis/contracts/grpc/health/v1/health_pb.ts";
import type { Endpoint } from "./endpoints.ts";
import { LauncherError } from "./launcher-error.ts";
import { type Log, lastLines } from "./log-lines.ts";
import { operatorClient } from "./operator-client.ts";

const readyWaitMs = 30_000;
const pauseMs = 40;

/** Resolves when the service says that it serves. That it has ended instead is the supervisor's to notice. */
export async function waitUntilServing(endpoint: Endpoint, workloadKey: string, log: Log): Promise<void> {
  const health = operatorClient(Health, endpoint, workloadKey);
  for (const end = Date.now() + readyWaitMs; Date.now() < end; await delay(pauseMs)) {
    const status = await health.check({}).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === Status.SERVING) return;
  }
  throw new LauncherError(
    `${endpoint.name} is not ready after ${readyWaitMs / 1_000} seconds. Its log is ${log.file}; it ends like this:`,
    { details: await lastLines(log) },
  );
}
