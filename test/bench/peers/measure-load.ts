import { Generator } from "../load/generator.ts";
import { askEach, type Callee, grpcPlan } from "../load/plans.ts";
import { measureMs, report, warmUpMs } from "./measure.ts";

/**
 * Sends these requests as often as they are answered, 64 at once on 4 connections, from a process that costs little
 * beside the one that serves, and prints how often that was. `requireRight` throws for a wrong answer; the same must
 * come each time.
 */
export async function measureLoad(
  target: Callee,
  requests: readonly Uint8Array[],
  serverPid: number,
  requireRight: (answer: Uint8Array, index: number) => void,
): Promise<void> {
  const answers = await askEach(target, requests);
  answers.forEach(requireRight);
  const generator = new Generator();
  const messages = requests.map((request, index) => [request, answers[index] ?? request] as const);
  const how = { mode: "unary", connections: 4, concurrency: 16, serverPid } as const;
  generator.connect("all", await grpcPlan(target, messages, how));
  await generator.load("all", warmUpMs);
  const { calls, seconds } = await generator.load("all", measureMs);
  generator.close();
  report(calls / seconds);
}
