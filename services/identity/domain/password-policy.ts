import { DomainError } from "@portcullis/errors";
import { emailKeyOf } from "./user.ts";

const lengthMin = 10;
const lengthMax = 128;

/** The commonest of ten characters and more, in lower case, from published lists of leaked ones. */
const commonest: ReadonlySet<string> = new Set([
  "1234567890",
  "0123456789",
  "0987654321",
  "12345678910",
  "123456789a",
  "1111111111",
  "0000000000",
  "1q2w3e4r5t",
  "1q2w3e4r5t6y",
  "1qaz2wsx3edc",
  "q1w2e3r4t5y6",
  "qwertyuiop",
  "qwerty123456",
  "qwertyuiop123",
  "asdfghjkl123",
  "zaq12wsxcde3",
  "password123",
  "password1234",
  "password12345",
  "passw0rd123",
  "p@ssw0rd123",
  "p@ssword123",
  "passwordpassword",
  "administrator",
  "admin123456",
  "letmein1234",
  "welcome1234",
  "welcome123456",
  "changeme123",
  "iloveyou123",
  "iloveyou1234",
  "abcdefghij",
  "abcd123456",
  "abc1234567",
  "a123456789",
  "aa12345678",
  "google12345",
  "football123",
  "baseball123",
  "sunshine123",
  "princess123",
  "superman123",
  "1234qwerasdf",
  "123qweasdzxc",
  "qazwsxedcrfv",
  "michelle123",
  "charlie1234",
  "computer123",
  "unknown1234",
  "correcthorsebatterystaple",
]);

/** One text for what is typed in different ways on different keyboards. */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/** The normalized password, if it may be a user's: PASSWORD_WEAK. */
export function requireStrongPassword(password: string, email: string): string {
  const normalized = normalizePassword(password);
  const length = Array.from(normalized).length;
  if (length < lengthMin) throw weak(`Choose a password of at least ${lengthMin} characters.`);
  if (length > lengthMax) throw weak(`Choose a password of at most ${lengthMax} characters.`);
  const key = normalized.toLowerCase();
  const emailKey = emailKeyOf(email);
  if (key === emailKey || key === emailKey.split("@")[0]) {
    throw weak("Choose a password that is not your e-mail address.");
  }
  if (commonest.has(key)) throw weak("Choose another password: this is one of the first that are guessed.");
  return normalized;
}

function weak(message: string): DomainError {
  return new DomainError("PASSWORD_WEAK", message);
}
