import { expect, test } from "vitest";
import { parsePublicKey } from "./public-key.ts";

const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@here";

test("finds the line past blank lines and comments", () => {
  expect(parsePublicKey(`# my key\r\n\r\n  ${line}\r\n`)).toBe(line);
});

test("a private key is refused, whatever is around it", () => {
  const text = `${line}\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n-----END OPENSSH PRIVATE KEY-----\n`;
  expect(() => parsePublicKey(text)).toThrow("sent nowhere");
});

test("none and several are refused", () => {
  expect(() => parsePublicKey("# nothing\n")).toThrow("no public key");
  expect(() => parsePublicKey(`${line}\n${line}`)).toThrow("several");
});
