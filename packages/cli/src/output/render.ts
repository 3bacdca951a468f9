import { styleText } from "node:util";
import Table from "cli-table3";
import { printable } from "./printable.ts";
import type { Column, View } from "./view.ts";

/** Where a view is shown. */
export interface Screen {
  /** Characters in a line; undefined where the output is no screen, and nothing is cut. */
  readonly columns: number | undefined;
  readonly isColoured: boolean;
}

const gap = "  ";
/** A column is never cut below this. */
const cutMin = 12;

/** Lays a view out as lines of text, each ended by a line break. */
export function render(view: View, screen: Screen): string {
  switch (view.kind) {
    case "table":
      if (view.rows.length === 0) return `${view.empty}\n`;
      return renderTable(view.columns, view.rows, screen);
    case "fields":
      return layOut(
        view.fields.map(([name, value]) => [strong(`${name}:`, screen), cell(value)]),
        [],
      );
    case "line":
      return `${printable(view.text)}\n`;
  }
}

function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  screen: Screen,
): string {
  const cells = rows.map((row) => row.map(cell));
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...cells].map((row) => lengthOf(row[index] ?? ""))),
  );
  const head = titles.map((title) => strong(title, screen));
  return layOut([head, ...cells], screen.columns === undefined ? [] : fit(columns, widths, screen.columns));
}

/** Takes width from the widest column that may be cut, until the line fits or nothing is left to take. */
function fit(columns: readonly Column[], natural: readonly number[], lineMax: number): number[] {
  const widths = [...natural];
  const gaps = gap.length * (widths.length - 1);
  for (let excess = widths.reduce((sum, width) => sum + width, gaps) - lineMax; excess > 0; excess--) {
    const cuttable = widths.map((width, index) => (columns[index]?.cut && width > cutMin ? width : 0));
    const widest = cuttable.indexOf(Math.max(...cuttable));
    const width = cuttable[widest];
    if (width === undefined || width === 0) break;
    widths[widest] = width - 1;
  }
  return widths;
}

function layOut(rows: readonly (readonly string[])[], colWidths: number[]): string {
  const table = new Table({
    chars: { ...noBorders, middle: gap },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function cell(text: string): string {
  return text === "" ? "-" : printable(text);
}

function strong(text: string, screen: Screen): string {
  return screen.isColoured ? styleText("bold", text, { validateStream: false }) : text;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

const noBorders = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
} as const;
