import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  BatchCheckRequestSchema,
  BatchCheckResponseSchema,
  CheckReason,
  CheckRequestSchema,
  CheckResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { askEach, type Callee, type MessagePair } from "../load/plans.ts";
import type { Asked, World } from "./worlds.ts";

const service = "/portcullis.authorization.v1.CheckService";
export type Authorized = Omit<Callee, "path">;

/** A check for each of the questions with numbers below `count`, with the answer that must come. */
export async function checksOf(to: Authorized, world: World, count: number): Promise<readonly MessagePair[]> {
  const revision = await learn(to, world);
  return Array.from({ length: count }, (_, number) => {
    const asked = world.question(number);
    const { accountId, principalId, permissionId } = asked;
    const request = { subject: { accountId, principalId }, permissionId };
    const answer = { ...decisionOf(asked), evaluatedRevision: revision };
    return [
      toBinary(CheckRequestSchema, create(CheckRequestSchema, request)),
      toBinary(CheckResponseSchema, create(CheckResponseSchema, answer)),
    ] as const;
  });
}

/** The same in batches of so many. */
export async function batchesOf(
  to: Authorized,
  world: World,
  count: number,
  size: number,
): Promise<readonly MessagePair[]> {
  const revision = await learn(to, world);
  return Array.from({ length: Math.floor(count / size) }, (_batch, batch) => {
    const asked = Array.from({ length: size }, (_, index) => world.question(batch * size + index));
    const answer = { results: asked.map(decisionOf), evaluatedRevision: revision };
    return [
      batchRequest(world, asked),
      toBinary(BatchCheckResponseSchema, create(BatchCheckResponseSchema, answer)),
    ];
  });
}

/** What these were told to have: everybody is in its first version, and has everything by roles. */
function decisionOf({ isAllowed }: Asked) {
  const reason = isAllowed ? CheckReason.ROLE : CheckReason.NOT_GRANTED;
  return { allowed: isAllowed, reason, subjectVersion: 1n };
}

function batchRequest({ accountId }: World, asked: readonly Asked[]): Uint8Array {
  const items = asked.map(({ principalId, permissionId }) => ({ principalId, permissionId }));
  return toBinary(BatchCheckRequestSchema, create(BatchCheckRequestSchema, { accountId, items }));
}

/** Asks about everybody once, so that the service remembers all; the position of its log that it answers from. */
async function learn(to: Authorized, world: World): Promise<bigint> {
  const size = Math.min(1_000, world.principals);
  const asked = Array.from({ length: Math.ceil(world.principals / size) }, (_batch, batch) =>
    Array.from({ length: size }, (_, index) => world.question(batch * size + index)),
  );
  const requests = asked.map((batch) => batchRequest(world, batch));
  const answers = await askEach({ ...to, path: `${service}/BatchCheck` }, requests);
  const revisions = answers.map((bytes, batch) => {
    const { results, evaluatedRevision } = fromBinary(BatchCheckResponseSchema, bytes);
    const isRight = asked[batch]?.every(({ isAllowed }, index) => results[index]?.allowed === isAllowed);
    if (isRight !== true) throw new Error(`${world.accountId} is not as it was made`);
    return evaluatedRevision;
  });
  return revisions.at(-1) ?? 0n;
}
