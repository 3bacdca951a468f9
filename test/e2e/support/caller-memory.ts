import { expect } from "vitest";
import type { ServiceProcess } from "./service-process.ts";

/** A service that knows its callers, and a call that its gate lets in, or not. */
export interface Guarded {
  readonly process: ServiceProcess;
  /** Whom it asks about a caller. */
  readonly peers: number;
  /** `"ok"`, or the reason of the refusal. */
  readonly knock: () => Promise<string | undefined>;
}

/** How often the service has let somebody in without asking anybody, counted once for each peer not asked. */
async function answeredByMemory({ url }: ServiceProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counts = text.matchAll(
    /^portcullis_caller_memory_questions_total\{.*answered_by="memory".*\} (\d+)$/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Resolves once the service lets the caller in from its own memory alone. While nobody else calls it. */
export async function untilRemembered({ process, peers, knock }: Guarded): Promise<void> {
  const knockAndCount = async () => {
    const before = await answeredByMemory(process);
    expect(await knock()).toBe("ok");
    return (await answeredByMemory(process)) - before;
  };
  await expect.poll(knockAndCount, { timeout: 20_000, interval: 20 }).toBe(peers);
}
