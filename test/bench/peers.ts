// Portcullis beside others, on the same machine in the same run: better-auth's API keys (verify), casbin, Cedar and CASL
// (check), at 1,000 and 100,000 principals. Every answer is looked at. `npm run bench -- peers`, or
// `node test/bench/peers.ts --rounds=3`; takes about ten minutes.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { count, median, spread } from "./figures.ts";
import type { Measured } from "./peers/measure.ts";
import { publish } from "./publish.ts";

interface Peer {
  readonly name: string;
  readonly args: readonly string[];
  readonly sizes: readonly number[];
}

const [small, large] = [1_000, 100_000];
const both = [small, large];
const verifiers: readonly Peer[] = [
  { name: "better-auth, in the process, SQLite", args: ["better-auth.ts"], sizes: both },
  { name: "Portcullis, unary over the network", args: ["portcullis-verify.ts", "unary"], sizes: [small] },
  { name: "Portcullis, SDK, nothing remembered", args: ["portcullis-verify.ts", "stream"], sizes: [small] },
  { name: "Portcullis, SDK hit", args: ["portcullis-verify.ts", "hit"], sizes: both },
];
const checkers: readonly Peer[] = [
  { name: "casbin, enforceSync", args: ["casbin.ts"], sizes: both },
  { name: "Cedar (WebAssembly), parsed policies", args: ["cedar.ts"], sizes: both },
  { name: "CASL, kept abilities", args: ["casl.ts"], sizes: both },
  { name: "Portcullis, unary over the network", args: ["portcullis-check.ts", "unary"], sizes: [small] },
  { name: "Portcullis, SDK, nothing remembered", args: ["portcullis-check.ts", "batches"], sizes: [small] },
  { name: "Portcullis, SDK hit", args: ["portcullis-check.ts", "hit"], sizes: both },
];
/** What is asked for: the first at least so many times the second. */
const targets: readonly (readonly [
  of: readonly [Peer | undefined, number],
  to: readonly [Peer | undefined, number],
  atLeast: number,
])[] = [
  [[verifiers[1], small], [verifiers[0], small], 8],
  [[verifiers[3], large], [verifiers[0], large], 100],
  [[checkers[5], large], [checkers[0], large], 100],
  [[checkers[5], large], [checkers[2], large], 1],
];

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const rounds = Number(options.rounds);
const measured = new Map<string, Measured[]>();
const keyOf = (peer: Peer | undefined, size: number) => `${peer?.args.join(" ")} ${size}`;
const perSecondOf = (peer: Peer | undefined, size: number) =>
  (measured.get(keyOf(peer, size)) ?? []).map(({ perSecond }) => perSecond);

for (let round = 0; round < rounds; round++) {
  const all = [...verifiers, ...checkers].flatMap((peer) => peer.sizes.map((size) => ({ peer, size })));
  for (const { peer, size } of round % 2 === 0 ? all : all.toReversed()) {
    const result = await run(peer, size);
    const key = keyOf(peer, size);
    measured.set(key, [...(measured.get(key) ?? []), result]);
    console.log(`${round + 1}/${rounds} ${peer.name}, ${count(size)}: ${count(result.perSecond)}/s`);
  }
}

const rowsOf = (peers: readonly Peer[]) =>
  peers.map((peer) => {
    const cells = both.map((size) => (peer.sizes.includes(size) ? spread(perSecondOf(peer, size), 0) : "–"));
    const rss = median((measured.get(keyOf(peer, peer.sizes.at(-1) ?? 0)) ?? []).map(({ rssMiB }) => rssMiB));
    return `| ${peer.name} | ${cells.join(" | ")} | ${count(rss)} |`;
  });
const isMet = (of: readonly number[], to: readonly number[], atLeast: number) =>
  median(of) / median(to) >= atLeast;
const verdicts = targets.map(([[of, ofSize], [to, toSize], atLeast]) => {
  const [ofs, tos] = [perSecondOf(of, ofSize), perSecondOf(to, toSize)];
  const ratio = (median(ofs) / median(tos)).toFixed(1);
  const verdict = isMet(ofs, tos, atLeast) ? "met" : "**missed**";
  return `| ${of?.name}, ${count(ofSize)} / ${to?.name} | ${ratio} | ≥ ${atLeast} | ${verdict} |`;
});
const heading = `| | ${both.map((size) => `${count(size)}, per second`).join(" | ")} | MiB at the last |\n|---|--:|--:|--:|`;
await publish("peers", {
  raw: Object.fromEntries(measured),
  markdown: `## Beside others

Operations per second, and memory of the asking process, which asks one after the other (over the network: 64 at once), ${rounds} rounds, each of them in a process of its own, in alternating order; median (least – most). Verify: one API key for each service user. Check: one account with a hundred roles of two permissions each, every principal in two roles, one question for each principal, half of them with the answer yes; the same for all. Of better-auth the rate limit is off; each of its verifications writes. casbin and Cedar are asked with their policies parsed and loaded. CASL's abilities are built before and kept, and hear of no change; Portcullis' hits look at the lease each time; unary calls come from a process of their own that sends prepared bytes (\`load/http2-load.ts\`) and share the processors with the server; without its memory the SDK asks for what piles up in a turn at once, by a stream or in batches.

**Verify**

${heading}
${rowsOf(verifiers).join("\n")}

**Check**

${heading}
${rowsOf(checkers).join("\n")}

| to reach | ratio | target | |
|---|--:|--:|---|
${verdicts.join("\n")}`,
});

async function run({ args: [script = "", ...rest] }: Peer, size: number): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "peers", script),
    String(size),
    ...rest,
  ]);
  return JSON.parse(stdout) as Measured;
}
