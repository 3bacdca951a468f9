import { expect, test } from "vitest";
import { render } from "./render.ts";
import type { View } from "./view.ts";

const view: View = {
  kind: "table",
  columns: [{ title: "ID" }, { title: "NAME", cut: true }],
  rows: [
    ["svc_01jz0000000000000000000000", "a name that goes on and on and on and on"],
    ["svc_2", ""],
  ],
  empty: "None.",
};
const pipe = { columns: undefined, isColoured: false };

test("off a screen nothing is cut, coloured or padded at the end", () => {
  expect(render(view, pipe)).toBe(
    [
      "ID                              NAME",
      "svc_01jz0000000000000000000000  a name that goes on and on and on and on",
      "svc_2                           -",
      "",
    ].join("\n"),
  );
});

test("on a screen what people wrote is cut to fit, ids are not", () => {
  const lines = render(view, { columns: 50, isColoured: false }).split("\n");
  expect(lines[1]).toMatch(/^svc_01jz0000000000000000000000 {2}a name that goes.*…$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50);
  expect(render(view, { columns: 5, isColoured: false })).toContain("svc_01jz0000000000000000000000");
});

test("on a screen with colours only names are emphasised", () => {
  const text = render(view, { columns: 200, isColoured: true });
  expect(text).toContain("\u001b[1mNAME\u001b[22m");
  expect(text.split("\n")[1]).not.toContain("\u001b");
});

test("an empty table says so in words", () => {
  expect(render({ ...view, rows: [] }, pipe)).toBe("None.\n");
});

test("a cell with a line break stays on its line", () => {
  const fields: View = {
    kind: "fields",
    fields: [
      ["Metadata", "a\nb"],
      ["Expires", "never"],
    ],
  };
  expect(render(fields, pipe)).toBe("Metadata:  a\\nb\nExpires:   never\n");
});
