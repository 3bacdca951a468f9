// All parts of the bench, or those named: `npm run bench`, `npm run bench -- revocation peers`. What they find is in
// RESULTS.md, in a section each. A part that misses a target says so there; this command fails where one could not run.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { publish } from "./publish.ts";

interface Part {
  readonly name: string;
  readonly says: string;
  /** It publishes a section of its own. */
  readonly publishes?: true;
}

const parts: readonly Part[] = [
  { name: "verify", says: "A verification beside an empty RPC", publishes: true },
  { name: "authorization", says: "A check beside a verification and an empty RPC", publishes: true },
  { name: "sizes", says: "The number of credentials", publishes: true },
  { name: "replicas", says: "Replicas behind the SDK's balancing", publishes: true },
  { name: "flood", says: "Floods", publishes: true },
  { name: "peers", says: "better-auth, casbin, Cedar and CASL beside it", publishes: true },
  { name: "revocation", says: "How long until access is gone everywhere" },
  { name: "sdk", says: "The SDK's memory" },
  { name: "accounts", says: "Checks, by the size of the account" },
  { name: "gateway", says: "The gateway beside the RPC without it" },
  { name: "start", says: "Start and memory of an installation" },
];

const named = process.argv.slice(2);
const unknown = named.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no part ${unknown.join(", ")}; there are: ${parts.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}
await publish("circumstances", { markdown: circumstances(), raw: named });
const failed: string[] = [];
for (const part of parts.filter(({ name }) => named.length === 0 || named.includes(name))) {
  console.log(`\n== ${part.name}: ${part.says}`);
  const { output, code } = await run(part.name);
  if (output === "") failed.push(part.name);
  else if (part.publishes === undefined) {
    const verdict = code === 0 ? "" : "\n\nA target was missed.";
    const markdown = `## ${part.says}\n\n\`node test/bench/${part.name}.ts\`\n\n\`\`\`text\n${output.trim()}\n\`\`\`${verdict}`;
    await publish(part.name, { markdown, raw: { output, code } });
  }
  if (code !== 0 && part.publishes === true) failed.push(part.name);
}
if (failed.length > 0) {
  console.error(`\nThese could not be run to their end: ${failed.join(", ")}.`);
  process.exitCode = 1;
}

/** Shows what it prints while it prints it. */
async function run(name: string): Promise<{ readonly output: string; readonly code: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { output, code: code ?? 1 };
}

function circumstances(): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const gib = Math.round(totalmem() / 2 ** 30);
  return `Made by \`npm run bench${named.length === 0 ? "" : ` -- ${named.join(" ")}`}\`: ${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, ${gib} GiB; Node ${process.version}; commit ${commit.trim()}; ${new Date().toISOString().slice(0, 10)}. Ratios count, not absolute figures: the machine is shared.`;
}
