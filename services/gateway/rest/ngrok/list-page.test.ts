import { testWorkloadKey } from "@portcullis/service/testing";
import { expect, test } from "vitest";
import { callOptions, createClients } from "../../peers/clients.ts";
import { createProofs } from "../../peers/passed-on.ts";
import { listPage } from "./list-page.ts";
import type { NgrokCall } from "./operation.ts";

const nowhere = "http://127.0.0.1:1";
const call: NgrokCall = {
  clients: createClients(
    { identity: nowhere, authorization: nowhere, credential: nowhere },
    100,
    createProofs(testWorkloadKey),
  ),
  caller: { kind: "principal", accountId: "acct_1", principalId: "user_1", credentialId: "cred_1" },
  options: callOptions("pcak_x", { operationId: "op_x", source: "203.0.113.7", userAgent: undefined }),
  publicOrigin: "https://api.example.test",
  now: () => new Date(),
};

/** So many things, numbered from the newest; what has been asked of them is noted. */
function listOf(count: number, isShown = (_index: number) => true) {
  const asked: number[] = [];
  return {
    asked,
    source: {
      path: "/things",
      async fetch(pageSize: number, pageToken: string) {
        asked.push(pageSize);
        const start = Number(pageToken || 0);
        const end = Math.min(count, start + pageSize);
        const items = Array.from({ length: end - start }, (_, offset) => start + offset);
        return { items, nextPageToken: end < count ? String(end) : "" };
      },
      toView: (index: number) => (isShown(index) ? { id: `id_${index}` } : undefined),
      idOf: (index: number) => `id_${index}`,
    },
  };
}
const query = { limit: 10, beforeId: "", filter: undefined, filterText: "" };
const numbers = (items: readonly { id: string }[]) => items.map(({ id }) => Number(id.slice(3)));

test("a page without a filter is one question, and the next one is announced exactly when there is one", async () => {
  const { source, asked } = listOf(11);
  const page = await listPage(call, query, source);
  expect([asked, page.items.length]).toEqual([[11], 10]);
  expect(page.next_page_uri).toBe("https://api.example.test/things?before_id=id_9&limit=10");
  expect((await listPage(call, query, listOf(10).source)).next_page_uri).toBeNull();
  expect(await listPage(call, query, listOf(0).source)).toMatchObject({ items: [], next_page_uri: null });
});

test("what is not shown leaves no gaps in a page", async () => {
  const page = await listPage(call, query, listOf(100, (index) => index % 3 === 0).source);
  expect(numbers(page.items)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  expect(page.next_page_uri).toContain("before_id=id_27&");
});

test("a filter that matches seldom is looked through in large steps, but not without end", async () => {
  const filtered = { ...query, filter: ({ id }: { id?: unknown }) => id === "id_4000", filterText: "a&b" };
  const { source, asked } = listOf(20_000);
  const page = await listPage(call, filtered, source);
  expect(numbers(page.items)).toEqual([4_000]);
  expect(asked).toEqual(Array.from({ length: 10 }, () => 500));
  // From here the next request goes on, though not a thing of this page is the last that was seen.
  expect(page.next_page_uri).toBe("https://api.example.test/things?before_id=id_4999&limit=10&filter=a%26b");
});
