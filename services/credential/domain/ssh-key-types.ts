import { ECDH } from "node:crypto";
import { type SshWireReader, sshKeyInvalid } from "./ssh-wire.ts";

/**
 * Every plain public key type of OpenSSH 9 and 10 (`ssh -Q key-plain`) but ssh-dss, which OpenSSH 10 removed.
 * Certificates are not keys, and the `rsa-sha2-*` and `webauthn-*` names are signature algorithms.
 */
export type SshKeyType =
  | "ssh-ed25519"
  | "ssh-rsa"
  | "ecdsa-sha2-nistp256"
  | "ecdsa-sha2-nistp384"
  | "ecdsa-sha2-nistp521"
  | "sk-ssh-ed25519@openssh.com"
  | "sk-ecdsa-sha2-nistp256@openssh.com";

/** Reads the fields that follow a key's type name. Throws DomainError SSH_KEY_INVALID; leaves the end to the caller. */
export type SshKeyFields = (reader: SshWireReader) => void;

const rsaBitsMin = 2048;
/** OpenSSH's and OpenSSL's own limit. */
const rsaBitsMax = 16_384;
/** OpenSSL verifies with no longer exponent when the modulus is above 3072 bits; real keys have at most 4 bytes. */
const rsaExponentBytesMax = 8;
const applicationLengthMax = 255;

export const fieldsOfType: Readonly<Record<SshKeyType, SshKeyFields>> = {
  "ssh-ed25519": ed25519,
  "ssh-rsa": rsa,
  "ecdsa-sha2-nistp256": ecdsa("nistp256", "prime256v1", 32),
  "ecdsa-sha2-nistp384": ecdsa("nistp384", "secp384r1", 48),
  "ecdsa-sha2-nistp521": ecdsa("nistp521", "secp521r1", 66),
  "sk-ssh-ed25519@openssh.com": securityKey(ed25519),
  "sk-ecdsa-sha2-nistp256@openssh.com": securityKey(ecdsa("nistp256", "prime256v1", 32)),
};

export function isSshKeyType(text: string): text is SshKeyType {
  return Object.hasOwn(fieldsOfType, text);
}

/** RFC 8709 §4. Like OpenSSH, does not decode the point. */
function ed25519(reader: SshWireReader): void {
  if (reader.bytes().length !== 32) throw sshKeyInvalid("an Ed25519 key is 32 bytes long");
}

/** RFC 4253 §6.6: exponent, then modulus. */
function rsa(reader: SshWireReader): void {
  const exponent = reader.positiveInteger();
  if (exponent.length > rsaExponentBytesMax) throw sshKeyInvalid("the RSA exponent is above 64 bits");
  if (isEven(exponent) || (exponent.length === 1 && exponent[0] === 1)) {
    throw sshKeyInvalid("the RSA exponent is not an odd number from 3 up");
  }
  const modulus = reader.positiveInteger();
  const bits = bitLength(modulus);
  if (bits < rsaBitsMin) throw sshKeyInvalid(`an RSA key has at least ${rsaBitsMin} bits`);
  if (bits > rsaBitsMax) throw sshKeyInvalid(`an RSA key has at most ${rsaBitsMax} bits`);
  if (isEven(modulus)) throw sshKeyInvalid("the RSA modulus is even");
}

/** RFC 5656 §3.1: curve name, then the uncompressed point (OpenSSH takes no other form). */
function ecdsa(curve: string, opensslCurve: string, coordinateBytes: number): SshKeyFields {
  return (reader) => {
    if (reader.text() !== curve) throw sshKeyInvalid("the key's curve is not the one its type names");
    const point = reader.bytes();
    if (point.length !== 1 + 2 * coordinateBytes || point[0] !== 4) {
      throw sshKeyInvalid("the key's point is not an uncompressed point of its curve");
    }
    if (!isOnCurve(point, opensslCurve)) throw sshKeyInvalid("the key's point is not on its curve");
  };
}

/** OpenSSH PROTOCOL.u2f: the fields of the plain key, then the application (`ssh:`, or a web origin's id). */
function securityKey(key: SshKeyFields): SshKeyFields {
  return (reader) => {
    key(reader);
    const application = reader.text();
    if (application.length === 0 || application.length > applicationLengthMax) {
      throw sshKeyInvalid(`a security key's application is 1 to ${applicationLengthMax} characters long`);
    }
  };
}

/** OpenSSL refuses to decode a point that is not on the curve. */
function isOnCurve(point: Uint8Array, opensslCurve: string): boolean {
  try {
    ECDH.convertKey(point, opensslCurve);
    return true;
  } catch {
    return false;
  }
}

/** Of big-endian bytes whose first is not zero. */
function bitLength(bytes: Uint8Array): number {
  return bytes.length * 8 - (Math.clz32(bytes[0] ?? 0) - 24);
}

function isEven(bytes: Uint8Array): boolean {
  return (bytes.at(-1) ?? 0) % 2 === 0;
}
