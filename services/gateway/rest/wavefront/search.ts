import { z } from "zod";
import { parseWindow, pathPart } from "./fields.ts";
import { pageOf } from "./numbered-pages.ts";
import { type Operation, type WavefrontCall, withBody } from "./operation.ts";
import {
  accountSearch,
  roleSearch,
  type SearchKind,
  serviceAccountSearch,
  tokenSearch,
  userGroupSearch,
  userSearch,
} from "./search-kinds.ts";
import {
  conditionsOf,
  facetBody,
  facetsBody,
  matches,
  matchesText,
  requireField,
  type SearchBody,
  searchBody,
} from "./search-query.ts";
import { pageView } from "./views.ts";

const facetView = pageView(z.string());
const facetsView = z.strictObject({ facets: z.record(z.string(), z.array(z.string())), limit: z.int() });

/** `/search`. What was changed is found from the moment that its change was answered. */
export const searchOperations: readonly Operation[] = [
  ...operationsOf(accountSearch),
  ...operationsOf(userSearch),
  ...operationsOf(serviceAccountSearch),
  ...operationsOf(userGroupSearch),
  ...operationsOf(roleSearch),
  ...operationsOf(tokenSearch),
];

function operationsOf<Thing>(kind: SearchKind<Thing>): readonly Operation[] {
  const path = `/api/v2/search/${kind.name}`;
  return [
    withBody({
      id: `search_${kind.name}`,
      summary: `Search ${kind.name}s; all conditions must hold`,
      method: "POST",
      path,
      packing: "enveloped",
      body: searchBody,
      result: pageView(kind.view),
      async run(call, { body }) {
        const window = windowOf(body);
        const { items, total } = await find(kind, call, body);
        return pageOf(window, await kind.show(call, items), total);
      },
    }),
    withBody({
      id: `search_${kind.name}_facets`,
      summary: `Tell the values that fields of ${kind.name}s have`,
      method: "POST",
      path: `${path}/facets`,
      packing: "enveloped",
      body: facetsBody,
      result: facetsView,
      async run(call, { body }) {
        const { limit } = windowOf(body);
        const facets = body.facets ?? Object.keys(kind.fields);
        const values = await valuesOf(kind, call, body, facets);
        const shown = facets.map((facet) => [facet, (values.get(facet) ?? []).slice(0, limit)] as const);
        return { facets: Object.fromEntries(shown), limit };
      },
    }),
    withBody({
      id: `search_${kind.name}_facet`,
      summary: `Tell the values that a field of ${kind.name}s has`,
      method: "POST",
      path: `${path}/{facet}`,
      packing: "enveloped",
      body: facetBody,
      result: facetView,
      async run(call, request) {
        const window = windowOf(request.body);
        const facet = pathPart(request, "facet");
        const values = (await valuesOf(kind, call, request.body, [facet])).get(facet) ?? [];
        const { facetQuery, facetQueryMatchingMethod } = request.body;
        const found = values.filter(
          (value) => facetQuery == null || matchesText(value, facetQuery, facetQueryMatchingMethod),
        );
        return pageOf(window, found.slice(window.offset, window.offset + window.limit), found.length);
      },
    }),
  ];
}

function windowOf({ offset, limit }: SearchBody) {
  return parseWindow(offset ?? 0, limit ?? 100);
}

async function find<Thing>(kind: SearchKind<Thing>, call: WavefrontCall, body: SearchBody) {
  const { offset, limit } = windowOf(body);
  const field = body.sort?.field ?? "";
  if (field !== "") requireField(field, kind.fields);
  const conditions = conditionsOf(body, kind.fields);
  if (conditions.length === 0 && field === "" && kind.window !== undefined) {
    return await kind.window(call, { offset, limit });
  }
  const needed = [...conditions.map((condition) => condition.field), field];
  const loaded = await kind.load(call, conditions, needed);
  const found = loaded.filter((thing) => matches(thing, conditions, kind.fields));
  const sign = body.sort?.ascending === false ? -1 : 1;
  const sortKey = (thing: Thing) => (kind.fields[field]?.(thing)[0] ?? "").toLowerCase();
  const sorted =
    field === ""
      ? found
      : found.toSorted((a, b) => sign * (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0));
  return { items: sorted.slice(offset, offset + limit), total: found.length };
}

/** The values of each of the fields among what matches, in order, each once. */
async function valuesOf<Thing>(
  kind: SearchKind<Thing>,
  call: WavefrontCall,
  body: SearchBody,
  facets: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  for (const facet of facets) requireField(facet, kind.fields);
  const conditions = conditionsOf(body, kind.fields);
  const needed = [...conditions.map(({ field }) => field), ...facets];
  const loaded = await kind.load(call, conditions, needed);
  const found = loaded.filter((thing) => matches(thing, conditions, kind.fields));
  return new Map(
    facets.map((facet) => {
      const values = found.flatMap((thing) => kind.fields[facet]?.(thing) ?? []);
      return [facet, [...new Set(values)].filter((value) => value !== "").toSorted()] as const;
    }),
  );
}
