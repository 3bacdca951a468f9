import { newId } from "@portcullis/service";
import { type ClusterOptions, startCluster } from "./cluster.ts";
import { History } from "./history.ts";
import { Load } from "./load.ts";
import { Measurements } from "./measurements.ts";
import { Nemesis } from "./nemesis.ts";
import { createRandom } from "./random.ts";
import { type ProcessesReport, reportOf } from "./report.ts";
import { createAdmin, createSubject, type Subject } from "./subjects.ts";

export interface ProcessesOptions {
  readonly minutes: number;
  /** Decides what breaks when; not how the machine takes it. */
  readonly seed: number;
  /** For tests that must see a safeguard fail. */
  readonly preload?: ClusterOptions["preload"];
  /** Names of the faults to inject. Default: all there are. */
  readonly faults?: readonly string[];
}

const replicas = 3;
const subjectCount = 24;
const verifiersPerReplica = 3;
const writers = 6;

/**
 * Real processes under load and faults: replicas of credential on a real Postgres and Redis, writers that take
 * access and give it back, clients that verify all the time, and something that breaks all the time.
 */
export async function runProcesses(options: ProcessesOptions): Promise<ProcessesReport> {
  const { minutes, seed, preload, faults } = options;
  await using cluster = await startCluster({ replicas, ...(preload === undefined ? {} : { preload }) });
  const [first] = cluster.replicas;
  if (first === undefined) throw new Error("there are no replicas");
  const accountId = newId("acct");
  const steady = await createSubject(first.clients, accountId);
  const subjects: [Subject, ...Subject[]] = [await createSubject(first.clients, accountId)];
  while (subjects.length < subjectCount) subjects.push(await createSubject(first.clients, accountId));
  const admin = await createAdmin(first.clients, accountId);
  const [history, measurements] = [new History(), new Measurements()];
  const nemesis = new Nemesis({ cluster, random: createRandom(seed), measurements, only: faults });
  const load = new Load({
    cluster,
    history,
    measurements,
    random: createRandom(seed + 1),
    subjects,
    steady,
    admin,
    isDisturbed: (replica) => nemesis.isDisturbed(replica),
  });
  const startMs = performance.now();
  load.start(verifiersPerReplica, writers);
  nemesis.start();
  await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
  await nemesis.stop();
  await load.stop();
  const seconds = (performance.now() - startMs) / 1_000;
  return reportOf({ seconds, history, measurements, disagreements: await load.disagreements() });
}
