// Control characters move the cursor or recolour the screen; bidirectional ones reorder what is read.
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** Of those, what JSON.stringify leaves as it is. */
const unprintableInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** Our tokens, wherever they turn up in a text. */
const tokens = /\bpc(?:at|ak|se)_[0-9A-Za-z_]+/g;

/** A text that others wrote, on one line and harmless to a terminal. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => short[character] ?? escaped(character));
}

/** JSON that a terminal can show; the same value. On one line, or indented by so many spaces. */
export function printableJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(unprintableInJson, escaped);
}

/** The text without anything that looks like one of our tokens, and without the given secret. */
export function withoutTokens(text: string, secret?: string): string {
  const rest = text.replace(tokens, "[secret]");
  return secret === undefined || secret === "" ? rest : rest.replaceAll(secret, "[secret]");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
