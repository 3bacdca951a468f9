import { ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type { ObjectAccess } from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import { z } from "zod";
import { each } from "../common/each.ts";
import { WavefrontError } from "./errors.ts";
import { idList } from "./fields.ts";
import { findAccount, identifiersOf, principalIdOf } from "./find-accounts.ts";
import { fromUuid, toUuid } from "./ids.ts";
import { type Operation, type WavefrontCall, withBody } from "./operation.ts";

const entry = z.strictObject({ id: z.string(), name: z.string(), description: z.string().optional() });
const view = z.strictObject({
  entityId: z.string(),
  viewAcl: z.array(entry).describe("Who may view it and no more."),
  modifyAcl: z.array(entry).describe("Who may modify it, with the permission for that, and view it."),
});

const write = z.object({ entityId: z.string().min(1).max(255), viewAcl: idList, modifyAcl: idList });
const body = z.preprocess((value) => (Array.isArray(value) ? value : []), z.array(write).max(1_000));

const entitiesMax = 1_000;

/** `/alert/acl` and `/dashboard/acl`. */
export const accessListOperations: readonly Operation[] = [
  ...operationsOf("alert", "Alert"),
  ...operationsOf("dashboard", "Dashboard"),
];

/** What a request gives or takes, by our own ids. */
interface Entries {
  readonly objectId: string;
  readonly viewers: readonly string[];
  readonly modifiers: readonly string[];
}

function operationsOf(objectType: string, name: string): readonly Operation[] {
  const path = `/api/v2/${objectType}/acl`;
  return [
    {
      id: `get${name}AccessControlList`,
      summary: `Tell who ${objectType}s are open to`,
      method: "GET",
      path,
      query: [
        {
          name: "id",
          description: "Of which; may be repeated.",
          schema: { type: "array", items: { type: "string" } },
        },
      ],
      packing: "enveloped",
      result: z.array(view),
      async run(call, request) {
        const ids = [...new Set(request.query("id"))];
        if (ids.length > entitiesMax) throw new WavefrontError(400, `id: at most ${entitiesMax}`);
        const found = await each(ids, async (objectId) => {
          const { clients, options } = call;
          return (await clients.objects.getObjectAccess({ objectType, objectId }, options)).access;
        });
        return await show(
          call,
          found.filter((access) => access !== undefined),
        );
      },
    },
    change("add", `Open ${objectType}s to more accounts and groups`, "POST", async (call, entries) => {
      for (const { objectId, viewers, modifiers } of entries) {
        await share(call, objectId, viewers, ObjectAction.VIEW);
        await share(call, objectId, modifiers, ObjectAction.MODIFY);
      }
    }),
    change("remove", `Close ${objectType}s to accounts and groups`, "POST", async (call, entries) => {
      for (const { objectId, viewers, modifiers } of entries) {
        await unshare(call, objectId, modifiers, ObjectAction.MODIFY);
        await unshare(call, objectId, viewers, ObjectAction.VIEW);
      }
    }),
    change(
      "set",
      `Open ${objectType}s to those in the request and to nobody else`,
      "PUT",
      async (call, entries) => {
        for (const { objectId, viewers, modifiers } of entries) {
          const holders = [
            ...viewers
              .filter((holderId) => !modifiers.includes(holderId))
              .map((holderId) => ({ holderId, action: ObjectAction.VIEW })),
            ...modifiers.map((holderId) => ({ holderId, action: ObjectAction.MODIFY })),
          ];
          const request = { objectType, objectId, entries: holders };
          await call.clients.objects.setObjectAccess(request, call.options);
        }
      },
    ),
  ];

  function change(
    verb: "add" | "remove" | "set",
    summary: string,
    method: "POST" | "PUT",
    work: (call: WavefrontCall, entries: readonly Entries[]) => Promise<void>,
  ): Operation {
    return withBody({
      id: `${verb}${name}Access`,
      summary,
      method,
      path: `${path}/${verb}`,
      packing: "empty",
      body,
      async run(call, request) {
        await work(call, await each(request.body, (written) => parseEntries(call, written), 1));
      },
    });
  }

  async function share(
    { clients, options }: WavefrontCall,
    objectId: string,
    holderIds: readonly string[],
    action: ObjectAction,
  ): Promise<void> {
    if (holderIds.length === 0) return;
    const request = { objectType, objectIds: [objectId], holderIds: [...holderIds], action };
    await clients.objects.shareObjects(request, options);
  }

  async function unshare(
    { clients, options }: WavefrontCall,
    objectId: string,
    holderIds: readonly string[],
    action: ObjectAction,
  ): Promise<void> {
    if (holderIds.length === 0) return;
    const request = { objectType, objectIds: [objectId], holderIds: [...holderIds], action };
    await clients.objects.unshareObjects(request, options);
  }
}

async function parseEntries(call: WavefrontCall, written: z.output<typeof write>): Promise<Entries> {
  return {
    objectId: written.entityId,
    viewers: await holdersOf(call, written.viewAcl ?? []),
    modifiers: await holdersOf(call, written.modifyAcl ?? []),
  };
}

/** Our ids of accounts and groups. 400 for one that there is not: nothing is changed. */
async function holdersOf(call: WavefrontCall, ids: readonly string[]): Promise<readonly string[]> {
  return await each([...new Set(ids)], async (id) => {
    const groupId = fromUuid("grp", id);
    if (groupId !== undefined && (await call.directory.groups()).has(groupId)) return groupId;
    const account = await findAccount(call, id);
    const principalId = account === undefined ? undefined : principalIdOf(account);
    if (principalId !== undefined) return principalId;
    throw new WavefrontError(400, "The body names an account or a user group that there is not, or not yet.");
  });
}

async function show(call: WavefrontCall, accesses: readonly ObjectAccess[]) {
  const holderIds = accesses.flatMap(({ entries }) => entries.map(({ holderId }) => holderId));
  const [names, groups] = await Promise.all([
    identifiersOf(
      call,
      holderIds.filter((id) => !id.startsWith("grp_")),
    ),
    call.directory.groups(),
  ]);
  const showHolder = (holderId: string) => {
    const group = groups.get(holderId);
    const name = names.get(holderId);
    if (group !== undefined) return [{ id: toUuid(holderId), name: group.displayName }];
    return name === undefined ? [] : [{ id: name, name }];
  };
  return accesses.map(({ object, entries }) => {
    const of = (wanted: ObjectAction) =>
      entries.filter(({ action }) => action === wanted).flatMap(({ holderId }) => showHolder(holderId));
    return {
      entityId: object?.objectId ?? "",
      viewAcl: of(ObjectAction.VIEW),
      modifyAcl: of(ObjectAction.MODIFY),
    };
  });
}
