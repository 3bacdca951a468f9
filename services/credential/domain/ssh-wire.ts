import { DomainError } from "@portcullis/errors";

/** The one error of the SSH key parsers. The message never repeats any of the input: it may be a private key. */
export function sshKeyInvalid(problem: string): DomainError {
  return new DomainError("SSH_KEY_INVALID", problem);
}

/**
 * Reads the SSH wire format (RFC 4251 §5) from the front of a blob, and accepts only its canonical form, so
 * that two different blobs are never the same key. Each read throws DomainError SSH_KEY_INVALID when the blob
 * does not hold what is asked for.
 */
export class SshWireReader {
  readonly #blob: Uint8Array;
  #at = 0;

  constructor(blob: Uint8Array) {
    this.#blob = blob;
  }

  /** A `string`: arbitrary bytes behind their length. A view of the blob, not a copy. */
  bytes(): Uint8Array {
    const start = this.#at + 4;
    if (start > this.#blob.length) throw sshKeyInvalid("the key is cut off");
    const length = new DataView(this.#blob.buffer, this.#blob.byteOffset + this.#at, 4).getUint32(0);
    // Compared before anything is read: the length is whatever the sender wrote.
    if (length > this.#blob.length - start) throw sshKeyInvalid("the key is cut off");
    this.#at = start + length;
    return this.#blob.subarray(start, this.#at);
  }

  /** A `string` of printable ASCII. */
  text(): string {
    const text = Buffer.from(this.bytes()).toString("latin1");
    if (!/^[ -~]*$/.test(text)) throw sshKeyInvalid("a text inside the key is not printable ASCII");
    return text;
  }

  /** An `mpint` that is positive, as its big-endian bytes without the sign byte. */
  positiveInteger(): Uint8Array {
    const bytes = this.bytes();
    const [first = 0, second = 0] = bytes;
    if (bytes.length === 0) throw sshKeyInvalid("a number inside the key is zero");
    if (first >= 0x80) throw sshKeyInvalid("a number inside the key is negative");
    if (first > 0) return bytes;
    if (second < 0x80) throw sshKeyInvalid("a number inside the key has needless leading zeros");
    return bytes.subarray(1);
  }

  end(): void {
    if (this.#at !== this.#blob.length) throw sshKeyInvalid("something follows the key's last field");
  }
}
