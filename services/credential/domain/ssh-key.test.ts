import { generateKeyPairSync } from "node:crypto";
import { DomainError } from "@portcullis/errors";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSshPublicKey, sshFingerprint } from "./ssh-key.ts";

/**
 * Made by ssh-keygen (OpenSSH 9.2), which also printed the fingerprints. The two sk- keys need hardware, so
 * their blobs were put together by hand from the points of other keys; `ssh-keygen -lf` read and fingerprinted
 * them. No private key was kept.
 */
const samples: readonly (readonly [type: string, base64: string, comment: string, fingerprint: string])[] = [
  [
    "ssh-ed25519",
    "AAAAC3NzaC1lZDI1NTE5AAAAINvAoyE4l6Eb9jYWrGj3AgcUxV8gEvMFQk+JrkJ3A5fG",
    "ed25519-256@example",
    "SHA256:wMogO0Jq9lEd4JLSlSQniNP9bYvgXAF70i368hfZGxI",
  ],
  [
    "ssh-rsa",
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDVHcdm1sLLkMG31hsaKS3JGrqol3rboCCeIKQfzM8VKd5ExDfyMxNmUnL4SjoneydEFrTVyZAThalztZWKKPx3HJr4NNgMK3BdYtLTNaW0q8BFK/xZLqhxOCj2zjCizqryTAfVJiMrqI7YI8y3d41Bs86a1FxoRzQWE9bgrihgMm1J2Sun3RdQFCuCIptfEqz8IVJAjqGHhPt/j75ZmECLIzFuSm3rkLi1TZ/MB212fMs8NLn/OoDVHjt1M9PWKwF1i7nvzZ6Hu7jfVtCiRiGSiPMtQ2tCVfFZVBCHyuBFWoCzay3WZ7x1Wl+58R68QabPYAbLsAd1K2xLRqvTPLGn",
    "rsa-2048@example",
    "SHA256:fs65eiX7sHt/zosG1Wsud311GycFmFT0/dXJ7n4aAF8",
  ],
  [
    "ssh-rsa",
    "AAAAB3NzaC1yc2EAAAADAQABAAACAQDhWLXV4+cWXv7cJq1cHq2FQ8MitEHntxIsZrEIYXvcgk2F5NU+jqUgsGNcGDuzYq2CJ5j5fMTvYRxDms1h8D2DkDFR7HEFZ/yAJsD44tb8Lr4ehw/DSrgq4TtkAQxQw7XPXWq/FVWN9QNdWPURUwUP3wRhT0YVe+FCChgEXw8RI/AQdXJnJLzEaIAK3k2+CVEEbYVQ4lUuiDtF4i85qwhbGQCkEjSZwK2Jla5JzmUuqM5FQ8eDM5Sd+4AfnBJrOyixyluJfacLiAsnNrtHvkA90rb2Bj6O0Uaw680a1cPG7W03qzbjfGDHq9dfMNz9BlKtjTF+MydpFiHPvqncLiooWMkc+DtIsHp8fke8NYb/PI49lAfuIVvhFUU1TPSOqYPizAa5eaJslyb5+ZI2tRDLl1GCXLWAK9Gakle1HDMOXDM2YLk7bloJCDey8rc2WiI3Sn6FV6mCE+8AzEcpYEfgYMyT6awEe+CNmeogJgzbMjW8hxnOlejTLz7J4hwPuYXi8U70brPhGTCf8NbymqdGiBcvYf2mYINcvYty5QQ7oS9eo0jAOBCBSTCyHYutgndlZwsmv6vPVhlW2ClEDRVODufT22/kwCTXFTM/RhtQfti5iifO9z8ST6Qnwx3K+fr7ba5VMbnVVn3XaMrLCOP3BFPuNufxByleJtQ0kH/HJQ==",
    "rsa-4096@example",
    "SHA256:01mS6JZFxf+ZWAOvVd4lnB2iI64s29XZd10HubxisKU",
  ],
  [
    "ecdsa-sha2-nistp256",
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGnOOIg+uDkzGfv5IfDIxS+Wf11+Xqfq7mOmGnLgQgjtzu4u9YNOUwSco3ZLhdG06C90X9rR7wGvGTr0AhKq/84=",
    "ecdsa-256@example",
    "SHA256:Bs/DIA3LmuXAuFtXVPuZX+C8ZzFXplFjikwZ/91f9kI",
  ],
  [
    "ecdsa-sha2-nistp384",
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBLHg7iTJXKxB4lYQkvDb5uqF8NvqdmVHRpVO9nT4oo1u+23vwGVt/vy7xuFkO8GCrky1eKu5AejmRNEn5ZY873FU2zReslNUGTksBcrYk5/0dTXWxaERTQ4ZfocjJRZLkg==",
    "ecdsa-384@example",
    "SHA256:CPtUN1P9UFYocGqHyL2VUD1wOJ1uw36QZfQfJTUrNFU",
  ],
  [
    "ecdsa-sha2-nistp521",
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAFcOPCFrjceqROYAPtm/kRtUAglJWvqxtr53e3y/ePtjQayfsl2Dx5JOjB7DUzK5JPgUpW7n8kBPB4lxv1PU+9+2wGLeY2ar8OjmzDmutjrGs8nuLVOtPPs5IU3BE2PcOQQZrGeVlnkqPZiEkAavQfiQZS9zej3syKm+dYkatavDHHEUQ==",
    "ecdsa-521@example",
    "SHA256:F1SmVmcKFt2Kw/LVvyHLqu/pB3dQXX+mdV/ZKIF8mwA",
  ],
  [
    "sk-ssh-ed25519@openssh.com",
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINvAoyE4l6Eb9jYWrGj3AgcUxV8gEvMFQk+JrkJ3A5fGAAAABHNzaDo=",
    "sk@example",
    "SHA256:ZSovjZcP8AHmaw3hQolX2o8Bvyy3dUd96XOoSHe9UZE",
  ],
  [
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBGnOOIg+uDkzGfv5IfDIxS+Wf11+Xqfq7mOmGnLgQgjtzu4u9YNOUwSco3ZLhdG06C90X9rR7wGvGTr0AhKq/84AAAAOc3NoOnBvcnRjdWxsaXM=",
    "sk@example",
    "SHA256:A/5nSVAIHP8bN6Q2lFweR1/3Dzze1N8RwOxH9bYYEyI",
  ],
];

const rsa1024 =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC4QY+jf4bH/GkS8fzsl+OL8yDv3zWB8SOOQiOI1GbIvLVq7YuP7YgE/Svcir4UH8jPETsj1AYjk6Qb+8GerEf1P6VYg0i2gG7Srj7PfuO81s7G2x7C0VZ8w2khEvtZcCA8IDeQ+XBOJjA3HXDVVGqx2A0eMROWjV8HNFZH8i7AZQ==";
const dsa =
  "ssh-dss AAAAB3NzaC1kc3MAAACBAKbmTrmYRukKE24FmdGOvm42KeuRjDmP5dwywPrvULWh+x8WP0YoDTLf1WT8PgR7RAquTjrNn8VnjX3kQAdRC0iZ8vapSEib2KmGIWTcDhnGZ0C5v3T8unvXvhsP11UCRhv4tu9/Naj0XTmE8y9hbB3H8ESLcXsDI+jfI5p6nE4DAAAAFQCYLZWzh7wNCGzzOYzl5Jt8YoaeIQAAAIEAi0WpRFqLl2JY5HBfHbOSy/h5/Kw7o5zCmIusgLJgOAwwTOQ4R11Ea+fyecAVg5czgmGfbibgvC2Y09FHVXlRu3PcLQBkXcqqbl19dL9wWAXb4TKCjIbkpQxZgrfiQamT6eSyAJ+VzQsNORVZR+VoXxz1H6olbW4yjka/ijUcb6YAAACAENBroYDjNBgxB+al8b2xqyqEig8JxnLMQMFCB6xQTPVD/DQrlfHpseVGJXOMRe2SyXRavPj4uCezt3fSVgN9OIZlvhLTiZXgjxvjdwWVAEa/WkBCuDqu2IYQwXd2ax1VNjtCRbfl7Mohtu1YkRi4zfP1Dgt0qcxCemaXVUO00Z8=";
const certificate =
  "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgvkSIHmV3wSutXSgbV1Vw5JE+C4Tx58cssf1DjOFuaYgAAAAIbmlzdHAyNTYAAABBBGnOOIg+uDkzGfv5IfDIxS+Wf11+Xqfq7mOmGnLgQgjtzu4u9YNOUwSco3ZLhdG06C90X9rR7wGvGTr0AhKq/84AAAAAAAAAAAAAAAEAAAACaWQAAAAFAAAAAXUAAAAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAg28CjITiXoRv2NhasaPcCBxTFXyAS8wVCT4muQncDl8YAAABTAAAAC3NzaC1lZDI1NTE5AAAAQOI+4S/RJlmHqA6xBHXC/O0WvpEPpfbSI2WTtHWm6zh0QOVmozWo9gT491ppWi3tltASZ6mv+TuiZAP2zpTUMQA=";

function sample(type: string): { line: string; base64: string; blob: Buffer } {
  const found = samples.find(([name]) => name === type);
  if (found === undefined) throw new Error(`no sample of ${type}`);
  return { line: `${type} ${found[1]}`, base64: found[1], blob: Buffer.from(found[1], "base64") };
}

const ed25519 = sample("ssh-ed25519");
const p256 = sample("ecdsa-sha2-nistp256");

/** The message of the refusal; undefined when the line is accepted. Anything but SSH_KEY_INVALID fails the test. */
function refusal(line: string): string | undefined {
  try {
    parseSshPublicKey(line);
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason !== "SSH_KEY_INVALID") throw error;
    return error.message;
  }
}

function lineOf(type: string, blob: Uint8Array): string {
  return `${type} ${Buffer.from(blob).toString("base64")}`;
}

/** An SSH `string`. */
function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function keyLine(type: string, ...fields: (string | Uint8Array)[]): string {
  return lineOf(type, Buffer.concat([type, ...fields].map(field)));
}

/** An odd number with exactly this many bits, in the fewest bytes, with a sign byte where one is needed. */
function modulus(bits: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xa5);
  const topBit = 1 << ((bits - 1) % 8);
  bytes[0] = topBit;
  return topBit === 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

const e65537 = Buffer.of(1, 0, 1);

function withExponent(...bytes: number[]): string | undefined {
  return refusal(keyLine("ssh-rsa", Buffer.from(bytes), modulus(2048)));
}

function withModulus(bytes: Buffer): string | undefined {
  return refusal(keyLine("ssh-rsa", e65537, bytes));
}

describe("every key type of OpenSSH", () => {
  test.each(samples)("%s is read as ssh-keygen reads it", (type, base64, comment, fingerprint) => {
    const line = `${type} ${base64} ${comment}`;
    const key = parseSshPublicKey(line);
    expect(key).toEqual({
      type,
      blob: new Uint8Array(Buffer.from(base64, "base64")),
      comment,
      fingerprint,
      authorizedKeysLine: line,
    });
    expect(sshFingerprint(key.blob)).toBe(fingerprint);
    expect(parseSshPublicKey(key.authorizedKeysLine)).toEqual(key);
  });

  test.each(samples)("%s cut off anywhere, or followed by anything, is refused", (type, base64) => {
    const blob = Buffer.from(base64, "base64");
    for (let length = 0; length < blob.length; length++) {
      expect(refusal(lineOf(type, blob.subarray(0, length)))).toBeDefined();
    }
    for (const extra of [Buffer.of(0), field(""), field("ssh:"), blob]) {
      expect(refusal(lineOf(type, Buffer.concat([blob, extra])))).toContain("last field");
    }
  });

  test.each(samples)(
    "%s with one bit changed is refused or is another key",
    (type, base64, _, fingerprint) => {
      const blob = Buffer.from(base64, "base64");
      const accepted: number[] = [];
      for (let bit = 0; bit < blob.length * 8; bit++) {
        const changed = Buffer.from(blob);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        if (refusal(lineOf(type, changed)) !== undefined) continue;
        accepted.push(bit >> 3);
        if (parseSshPublicKey(lineOf(type, changed)).fingerprint === fingerprint) accepted.push(-1);
      }
      // Accepted are only changes to what may be any bytes: an Ed25519 point, RSA numbers, an application.
      expect(accepted.filter((at) => !freeBytes(type, blob).has(at))).toEqual([]);
    },
  );
});

/** Where a key holds bytes that another sound key could hold too. */
function freeBytes(type: string, blob: Buffer): Set<number> {
  const free = new Set<number>();
  const add = (from: number, to: number): void => {
    for (let at = from; at < to; at++) free.add(at);
  };
  const afterType = 4 + type.length;
  if (type.includes("ed25519")) add(afterType + 4, afterType + 36);
  if (type === "ssh-rsa") {
    add(afterType + 4, afterType + 7);
    add(afterType + 11, blob.length);
  }
  if (type.startsWith("sk-")) add(blob.lastIndexOf("ssh:"), blob.length);
  return free;
}

describe("the line", () => {
  test("may have blanks around its fields and one newline at its end", () => {
    const expected = parseSshPublicKey(`${ed25519.line} me at home`);
    for (const line of [
      `${ed25519.line} me at home\n`,
      `${ed25519.line} me at home\r\n`,
      `  ssh-ed25519 \t ${ed25519.base64}\tme at home  `,
    ]) {
      expect(parseSshPublicKey(line)).toEqual(expected);
    }
  });

  test("needs no comment, and then has none", () => {
    expect(parseSshPublicKey(`${ed25519.line} \n`)).not.toHaveProperty("comment");
    expect(parseSshPublicKey(ed25519.line).authorizedKeysLine).toBe(ed25519.line);
  });

  test("keeps a comment in any script, as written", () => {
    expect(parseSshPublicKey(`${ed25519.line} Jürgen  的键 🔑 #1`).comment).toBe("Jürgen  的键 🔑 #1");
  });

  test.each([
    ["", "empty"],
    ["\n", "empty"],
    ["   ", "empty"],
    ["ssh-ed25519", "base64"],
    [`${ed25519.line}\n\n`, "one line"],
    [`${ed25519.line}\n${p256.line}`, "one line"],
    [`${ed25519.line}\r${p256.line}`, "one line"],
    [`\n${ed25519.line}`, "one line"],
    [`ssh-ed25519\n${ed25519.base64}`, "one line"],
    [`no-pty ${ed25519.line}`, "options"],
    [`command="rm -rf /",no-pty ${ed25519.line}`, "options"],
    [`SSH-ED25519 ${ed25519.base64}`, "does not begin"],
    [`ssh-rsa2 ${ed25519.base64}`, "does not begin"],
    [`rsa-sha2-256 ${ed25519.base64}`, "does not begin"],
    [`constructor ${ed25519.base64}`, "does not begin"],
    [ed25519.base64, "does not begin"],
    [`${ed25519.line} a\u0007b`, "printed"],
    [`${ed25519.line} a\0b`, "printed"],
    [`${ed25519.line} a\u202eb`, "printed"],
    [`${ed25519.line} a\u2028b`, "printed"],
    [`${ed25519.line} a\ud800b`, "printed"],
    [`${ed25519.line} ${"c".repeat(256)}`, "255"],
    [`${ed25519.line} ${"c".repeat(16_384)}`, "16384"],
    [certificate, "certificate"],
    [dsa, "DSA"],
    [`ssh-ed25519-cert-v01@openssh.com ${ed25519.base64}`, "certificate"],
    ["-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----", "PEM"],
    [`---- BEGIN SSH2 PUBLIC KEY ----\n${ed25519.base64}\n---- END SSH2 PUBLIC KEY ----`, "RFC 4716"],
    ["PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", "private key"],
  ])("is refused with its problem named: %j", (line, problem) => {
    expect(refusal(line)).toContain(problem);
  });

  test("is refused as a private key whatever the format, and is never repeated", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (const pem of [
      privateKey.export({ type: "pkcs8", format: "pem" }),
      privateKey.export({ type: "sec1", format: "pem" }),
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n-----END OPENSSH PRIVATE KEY-----\n",
    ]) {
      const message = refusal(String(pem)) ?? "";
      expect(message).toContain("private key");
      expect(
        String(pem)
          .split("\n")
          .filter((line) => line !== "" && message.includes(line)),
      ).toEqual([]);
    }
  });

  test("takes no longer for hostile blanks", () => {
    const started = performance.now();
    for (let i = 0; i < 100; i++) {
      expect(refusal(`x${" ".repeat(16_000)}x`)).toBeDefined();
      expect(refusal(`${ed25519.line}${" \t".repeat(8_000)}\u0000`)).toBeDefined();
      expect(refusal("BEGIN ".repeat(2_700))).toBeDefined();
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("base64 is refused unless canonical:", () => {
  const { base64 } = sample("ecdsa-sha2-nistp384");
  test.each([
    ["padding missing", base64.replace(/=+$/, "")],
    ["padding doubled", `${base64}=`],
    ["loose bits set", base64.replace(/g==$/, "h==")],
    ["URL alphabet", base64.replaceAll("/", "_").replaceAll("+", "-")],
    ["foreign character", `${base64.slice(0, 40)}!${base64.slice(40)}`],
    ["garbage after the padding", `${base64}AAAA`],
  ])("%s", (_, text) => {
    expect(text).not.toBe(base64);
    expect(refusal(`ecdsa-sha2-nistp384 ${text}`)).toContain("base64");
  });
});

describe("the key's own fields", () => {
  const x25519 = ed25519.blob.subarray(-32);
  const point = p256.blob.subarray(-65);

  test("are the ones its type names", () => {
    expect(refusal(`ssh-rsa ${ed25519.base64}`)).toContain("type");
    expect(refusal(`ecdsa-sha2-nistp384 ${p256.base64}`)).toContain("type");
    expect(refusal(keyLine("ecdsa-sha2-nistp384", "nistp256", point))).toContain("curve");
    expect(refusal(keyLine("ecdsa-sha2-nistp256", "nistp384", point))).toContain("curve");
    expect(refusal(keyLine("ecdsa-sha2-nistp256", "nistp256", point))).toBeUndefined();
  });

  test("an Ed25519 key has 32 bytes", () => {
    expect(refusal(keyLine("ssh-ed25519", x25519))).toBeUndefined();
    for (const length of [0, 31, 33, 64]) {
      expect(refusal(keyLine("ssh-ed25519", Buffer.alloc(length, 1)))).toContain("32 bytes");
    }
  });

  test("an ECDSA point is uncompressed and on its curve", () => {
    const compressed = Buffer.concat([Buffer.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(1, 33)]);
    const hybrid = Buffer.concat([Buffer.of(6 + ((point.at(-1) ?? 0) & 1)), point.subarray(1)]);
    for (const bad of [compressed, hybrid, Buffer.of(0), Buffer.alloc(0), point.subarray(0, 64)]) {
      expect(refusal(keyLine("ecdsa-sha2-nistp256", "nistp256", bad))).toContain("uncompressed");
    }
    for (const filler of [0, 1, 0xff]) {
      const bad = Buffer.concat([Buffer.of(4), Buffer.alloc(64, filler)]);
      expect(refusal(keyLine("ecdsa-sha2-nistp256", "nistp256", bad))).toContain("not on its curve");
    }
  });

  test("an RSA modulus has 2048 to 16384 bits and is odd", () => {
    for (const bits of [2048, 2049, 3071, 16_384]) {
      expect(refusal(keyLine("ssh-rsa", e65537, modulus(bits)))).toBeUndefined();
    }
    expect(refusal(keyLine("ssh-rsa", e65537, modulus(2047)))).toContain("2048");
    expect(refusal(keyLine("ssh-rsa", e65537, modulus(16_385)))).toContain("16384");
    expect(refusal(rsa1024)).toContain("2048");
    const even = modulus(2048);
    even[even.length - 1] = 2;
    expect(refusal(keyLine("ssh-rsa", e65537, even))).toContain("even");
  });

  test("an RSA exponent is odd, from 3 up to 64 bits", () => {
    expect(withExponent(3)).toBeUndefined();
    expect(withExponent(35)).toBeUndefined();
    expect(withExponent(0, 0xff, 1, 1, 1, 1, 1, 1, 1)).toBeUndefined();
    expect(withExponent(1)).toContain("odd");
    expect(withExponent(2)).toContain("odd");
    expect(withExponent(1, 0, 0)).toContain("odd");
    expect(withExponent(1, 1, 1, 1, 1, 1, 1, 1, 1)).toContain("64 bits");
  });

  test("numbers are positive and canonical", () => {
    expect(withModulus(Buffer.alloc(0))).toContain("zero");
    expect(withModulus(Buffer.of(0))).toContain("leading zeros");
    expect(withModulus(modulus(2048).subarray(1))).toContain("negative");
    expect(withModulus(Buffer.concat([Buffer.of(0), modulus(2048)]))).toContain("leading zeros");
    expect(withModulus(Buffer.concat([Buffer.of(0), modulus(2047)]))).toContain("leading zeros");
  });

  test("a security key names its application", () => {
    for (const application of ["ssh:", "ssh:laptop", "example.com", "a".repeat(255)]) {
      expect(refusal(keyLine("sk-ssh-ed25519@openssh.com", x25519, application))).toBeUndefined();
      expect(
        refusal(keyLine("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", point, application)),
      ).toBeUndefined();
    }
    for (const application of ["", "a".repeat(256), "ssh:\0", "ssh:\n", "ssh:é"]) {
      expect(refusal(keyLine("sk-ssh-ed25519@openssh.com", x25519, application))).toBeDefined();
    }
  });

  test("a length beyond the key's end is refused", () => {
    for (const length of [0xffffffff, 0x80000000, 0x7fffffff, 33]) {
      const blob = Buffer.from(ed25519.blob);
      blob.writeUInt32BE(length, 15);
      expect(refusal(lineOf("ssh-ed25519", blob))).toContain("cut off");
    }
  });
});

describe("for all inputs", () => {
  const types = fc.constantFrom(...new Set(samples.map(([type]) => type)));

  test("any text is a key or SSH_KEY_INVALID", () => {
    const blobs = fc.uint8Array({ maxLength: 80 });
    const fields = fc.array(fc.oneof(blobs, types, fc.constant("nistp256"), fc.constant("ssh:")), {
      maxLength: 5,
    });
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.tuple(types, fc.string()).map((parts) => parts.join(" ")),
      fc.tuple(types, blobs).map(([type, blob]) => lineOf(type, blob)),
      fc.tuple(types, fields).map(([type, rest]) => keyLine(type, ...rest)),
    );
    fc.assert(
      fc.property(text, (line) => {
        expect(["string", "undefined"]).toContain(typeof refusal(line));
      }),
      { numRuns: 5000 },
    );
  });

  test("what is accepted is written back as one line that reads as the same key", () => {
    const comment = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), comment, (publicKey, text) => {
        const line = `${keyLine("ssh-ed25519", publicKey)} ${text}`;
        fc.pre(refusal(line) === undefined);
        const key = parseSshPublicKey(line);
        expect(key.authorizedKeysLine).not.toMatch(/[\r\n]/);
        expect(parseSshPublicKey(key.authorizedKeysLine)).toEqual(key);
      }),
    );
  });

  test("a refusal repeats nothing of the input", () => {
    const marker = "hunter2hunter2";
    const line = fc
      .tuple(fc.constantFrom("", "ssh-rsa ", `${ed25519.line}\n`, "x "), fc.string(), fc.string())
      .map(([start, before, after]) => `${start}${before}${marker}${after}\0`);
    fc.assert(
      fc.property(line, (text) => {
        expect(refusal(text) ?? "accepted").not.toContain(marker);
      }),
    );
  });
});
