import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { createTime } from "./fake-time.ts";

/** A message with something in each field: text says the field's name, lists have one entry. */
export function sampleOf(desc: DescMessage): Message {
  return reflectedSample(desc).message;
}

function reflectedSample(desc: DescMessage): ReflectMessage {
  if (desc.typeName === TimestampSchema.typeName) return reflect(TimestampSchema, createTime);
  const message = reflect(desc, create(desc));
  for (const field of desc.fields) {
    // A list that goes on for ever is none.
    if (field.name !== "next_page_token") fill(message, field);
  }
  return message;
}

function fill(message: ReflectMessage, field: DescField): void {
  switch (field.fieldKind) {
    case "scalar":
      return message.set(field, scalar(field.scalar, field.name));
    case "enum":
      return message.set(field, field.enum.values.at(-1)?.number ?? 0);
    case "message":
      return message.set(field, reflectedSample(field.message));
    case "list":
      return fillList(message.get(field), field);
    case "map":
      return;
  }
}

function fillList(list: ReflectList, field: DescField & { readonly fieldKind: "list" }): void {
  switch (field.listKind) {
    case "scalar":
      return list.add(scalar(field.scalar, field.name));
    case "enum":
      return list.add(field.enum.values.at(-1)?.number ?? 0);
    case "message":
      return list.add(reflectedSample(field.message));
  }
}

const longTypes: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

function scalar(type: ScalarType, name: string): string | number | bigint | boolean | Uint8Array {
  if (type === ScalarType.STRING) return `a-${name.replaceAll("_", "-")}`;
  if (type === ScalarType.BOOL) return true;
  if (type === ScalarType.BYTES) return new Uint8Array(32);
  return longTypes.has(type) ? 1n : 1;
}
