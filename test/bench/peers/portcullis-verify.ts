// Portcullis: tokens verified by a unary call for each, by the SDK's stream where it remembers nothing, or from its
// memory under a lease. `node portcullis-verify.ts <credentials> unary|stream|hit`
import process from "node:process";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  VerificationResult,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { createVerifier } from "@portcullis/sdk";
import { loadTokens } from "../load-tokens.ts";
import { prepareService } from "../one-service.ts";
import { measure, measureLater } from "./measure.ts";
import { measureLoad } from "./measure-load.ts";

const [count, way] = [Number(process.argv[2]), process.argv[3]];
const concurrency = 64;
const wrong = () => new Error("Portcullis was asked wrongly");
const service = await prepareService("credential");
try {
  // Each a text of its own, as from a request.
  const tokens = (await loadTokens(service.databaseUrl, count)).map((token) => Buffer.from(token));
  const tokenAt = (index: number) => (tokens[(index * 7_919) % count] ?? Buffer.alloc(0)).toString("latin1");
  const {
    address,
    dataAddress = address,
    pid,
  } = await service.start({
    MEMORY_ENTRIES_MAX: String(2 * count + 100_000),
    MEMORY_MIB_MAX: "2048",
  });
  if (way === "unary") {
    const requests = tokens.map((_, index) =>
      toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, { token: tokenAt(index) })),
    );
    const target = {
      port: Number(dataAddress.split(":")[1]),
      path: "/portcullis.credential.v1.VerificationService/VerifyToken",
      bearer: service.tokenOf("gateway"),
    };
    await measureLoad(target, requests, pid, (answer) => {
      const { verification } = fromBinary(VerifyTokenResponseSchema, answer);
      if (verification?.result !== VerificationResult.VALID) throw wrong();
    });
  } else {
    const isRemembering = way === "hit";
    using verifier = createVerifier({
      addresses: dataAddress,
      token: service.tokenOf("gateway"),
      memory: { entriesMax: isRemembering ? 2 * count + 10_000 : 0, bytesMax: 2 ** 30 },
    });
    const askLater = async (index: number) => {
      if ((await verifier.verifyAsync(tokenAt(index))).result !== "valid") throw wrong();
    };
    // All are in the service's memory then, and in the SDK's.
    for (let from = 0; from < count; from += 512) {
      await Promise.all(Array.from({ length: 512 }, (_, index) => askLater(from + index)));
    }
    if (!isRemembering) await measureLater(askLater, concurrency);
    else {
      const before = verifier.stats();
      await measure((index) => {
        const answer = verifier.verify(tokenAt(index));
        // Between two leases: counted, and bounded below.
        if (answer instanceof Promise) answer.catch(() => {});
        else if (answer.result !== "valid") throw wrong();
      });
      const { hits, misses } = verifier.stats();
      if (misses - before.misses > (hits - before.hits) / 100)
        throw new Error(`${misses - before.misses} answers were not from memory`);
    }
  }
} finally {
  await service.close();
}
