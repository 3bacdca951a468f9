/** A column of a table. */
export interface Column {
  readonly title: string;
  /** May be cut to fit a screen: for what people write, not for ids. */
  readonly cut?: true;
}

/** What is shown to people, before it is laid out. */
export type View =
  | {
      readonly kind: "table";
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
      /** Said instead of an empty table. */
      readonly empty: string;
    }
  | { readonly kind: "fields"; readonly fields: readonly Field[] }
  | { readonly kind: "line"; readonly text: string };

/** A name and its value; an empty value is shown as `-`. */
export type Field = readonly [name: string, value: string];
