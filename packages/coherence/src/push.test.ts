import { describe, expect, test } from "vitest";
import {
  decodeAcknowledgement,
  decodePush,
  encodeAcknowledgement,
  encodePush,
  generationOf,
} from "./push.ts";
import { everything, scopeOf } from "./scope.ts";

const key = new Uint8Array(32).fill(1);
const push = { generation: "g", position: 7, writer: "w", scopes: [scopeOf("thing", "a")] };
const ack = { generation: "g", position: 7, replica: "r", incarnation: "i", sessionsClosed: 2 };

describe("texts of the channel", () => {
  test("are read as they were written, by who has the key", () => {
    expect(decodePush(encodePush(push, key), key)).toEqual(push);
    expect(decodePush(encodePush({ ...push, scopes: undefined }, key), key)).toEqual({
      ...push,
      scopes: undefined,
    });
    expect(decodeAcknowledgement(encodeAcknowledgement(ack, key), key)).toEqual(ack);
    expect(generationOf(encodeAcknowledgement(ack, key))).toBe("g");
    expect(decodePush(encodePush(push, key), new Uint8Array(32))).toBeUndefined();
  });

  test("of one kind are not taken for the other", () => {
    expect(decodePush(encodeAcknowledgement(ack, key), key)).toBeUndefined();
    expect(decodeAcknowledgement(encodePush(push, key), key)).toBeUndefined();
  });

  test("name everything when there is more to name than is sent", () => {
    const scopes = Array.from({ length: 1_001 }, (_, id) => scopeOf("thing", String(id)));
    expect(decodePush(encodePush({ ...push, scopes }, key), key)?.scopes).toEqual([everything]);
  });

  test("that were changed anywhere are not read", () => {
    const text = encodePush(push, key);
    for (let index = 0; index < text.length; index++) {
      const changed = `${text.slice(0, index)}${text[index] === "A" ? "B" : "A"}${text.slice(index + 1)}`;
      // The last character of the signature has bits that mean nothing.
      if (index !== text.indexOf(".") - 1) expect(decodePush(changed, key)).toBeUndefined();
    }
  });
});
