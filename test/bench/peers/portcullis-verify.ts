// Portcullis, as a program with the SDK has it: tokens verified from its own memory under a lease, or with a unary call
// for each. `node portcullis-verify.ts <credentials> hit|unary`
import process from "node:process";
import { createVerifier } from "@portcullis/sdk";
import { loadTokens } from "../load-tokens.ts";
import { prepareService } from "../one-service.ts";
import { connectUnary } from "../unary-verify.ts";
import { measure, measureLater } from "./measure.ts";

const [count, way] = [Number(process.argv[2]), process.argv[3]];
const concurrency = 64;
const service = await prepareService("credential");
try {
  // Each a text of its own, as from a request.
  const tokens = (await loadTokens(service.databaseUrl, count)).map((token) => Buffer.from(token));
  const tokenAt = (index: number) => (tokens[(index * 7_919) % count] ?? Buffer.alloc(0)).toString("latin1");
  const { address, dataAddress = address } = await service.start({
    MEMORY_ENTRIES_MAX: String(2 * count + 100_000),
    MEMORY_MIB_MAX: "2048",
  });
  if (way === "unary") {
    const unary = connectUnary(dataAddress, await service.tokenOf("gateway")());
    const ask = async (index: number) => {
      if (!(await unary.isValid(tokenAt(index)))) throw new Error("Portcullis was asked wrongly");
    };
    // Each is in the service's memory then.
    for (let from = 0; from < count; from += concurrency) {
      await Promise.all(Array.from({ length: concurrency }, (_, index) => ask(from + index)));
    }
    await measureLater(ask, concurrency);
    unary.close();
  } else {
    using verifier = createVerifier({
      addresses: dataAddress,
      token: service.tokenOf("gateway"),
      memory: { entriesMax: 2 * count + 10_000, bytesMax: 2 ** 30 },
    });
    for (let from = 0; from < count; from += 512) {
      await Promise.all(
        Array.from({ length: 512 }, (_, index) => verifier.verifyAsync(tokenAt(from + index))),
      );
    }
    const before = verifier.stats();
    await measure((index) => {
      const answer = verifier.verify(tokenAt(index));
      // Between two leases: counted, and bounded below.
      if (answer instanceof Promise) answer.catch(() => {});
      else if (answer.result !== "valid") throw new Error("Portcullis was asked wrongly");
    });
    const { hits, misses } = verifier.stats();
    if (misses - before.misses > (hits - before.hits) / 100)
      throw new Error(`${misses - before.misses} answers were not from memory`);
  }
} finally {
  await service.close();
}
