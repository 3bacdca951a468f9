import type { Round, RoundSettings } from "../load/rounds.ts";
import { costTable, latencyTable, machine, type Ratio, ratioTables } from "../load/tables.ts";
import { publish } from "../publish.ts";

export interface Circumstances extends RoundSettings {
  readonly rounds: number;
  /** Checks in a batch. */
  readonly batch: number;
}

const usual = "check, 100 groups, 10 roles";
const batches = "check, batch of 64";
const hits = "check, SDK hit";
const empty = ["data plane empty", "grpc-js empty (bytes)", "Connect empty, gRPC"];
const ratios: readonly Ratio[] = [
  { says: "check, 100 groups and 10 roles / verify", of: usual, to: "verify", atLeast: 0.8 },
  ...[usual, batches, hits].flatMap((of) => empty.map((to) => ({ says: `${of} / ${to}`, of, to }))),
  { says: "batch of 64 / unary", of: batches, to: usual },
  { says: "SDK hit / unary", of: hits, to: usual },
  { says: "100 groups / 1 group", of: usual, to: "check, 1 group" },
  { says: "10,000 groups / 1 group", of: "check, 10,000 groups", to: "check, 1 group" },
  {
    says: "100,000 principals / 1,000",
    of: "check, 100,000 principals",
    to: "check, 1,000 principals",
  },
  {
    says: "1,000,000 principals / 1,000",
    of: "check, 1,000,000 principals",
    to: "check, 1,000 principals",
  },
];

/** Puts the section of these rounds in place of the one before. */
export async function writeReport(measured: readonly Round[], circumstances: Circumstances): Promise<void> {
  const { rounds, batch, slices, sliceMs } = circumstances;
  const itemsOf = (name: string) => (name === batches ? batch : 1);
  const names = [
    ...new Set(measured.filter(({ rate }) => rate === undefined).map(({ scenario }) => scenario)),
  ];
  const known = ratios.filter(({ of, to }) => names.includes(of) && names.includes(to));
  const markdown = `## Checks

${machine()} \`npm run bench -- authorization\`: ${rounds} rounds of new processes, loaded in alternating slices of ${sliceMs} ms, ${(slices * sliceMs) / 1_000} s each in all, by the same generator as verifications, 64 calls at once on 4 connections (batches: 16). Every answer is compared with the one that must come; half of them are no. Median (least – most). Processor time is the server's, all threads; of an SDK hit, that of the asking process. A verification is of one of 1,024 credentials.

Groups: 1,024 principals (of 10,000 groups: 64), each in so many groups, and by them in 10 roles. Principals: each in two groups, up to 50,000 of them asked about in an order that no processor's cache knows, while all are in the replica's memory: by default it remembers \`MEMORY_ENTRIES_MAX\` / 2 = 100,000 of them, and \`MEMORY_MIB_MAX\` / 2 = 128 MiB; here both are set so that all have room.

${costTable(measured, names, itemsOf)}

${ratioTables(measured, known, itemsOf)}

At a share of the highest load, calls beginning when their time has come (waiting counts):

${latencyTable(measured)}`;
  await publish("authorization", { markdown, raw: measured });
}
