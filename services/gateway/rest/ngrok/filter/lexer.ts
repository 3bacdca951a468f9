/** A piece of an expression; `value` is a string's content, or the text itself. */
export interface Token {
  readonly kind: "string" | "integer" | "name" | "operator" | "end";
  readonly value: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

/** What is wrong with an expression, for who wrote it. Never repeats more of it than an operator or a name. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

const lengthMax = 4_096;
const tokensMax = 500;
const pattern =
  /\s*(?:(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<integer>-?\d+)|(?<name>[A-Za-z_]\w*)|(?<operator>&&|\|\||[<>=!]=|[!<>().,[\]]))/y;

/** Cuts an expression into pieces; the last one is the end. */
export function tokenize(text: string): readonly Token[] {
  if (text.length > lengthMax) throw new FilterError(`it is longer than ${lengthMax} characters`);
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw new FilterError(`what stands at position ${at + 1} is not understood`);
    tokens.push(toToken(groups, at));
    if (tokens.length > tokensMax) throw new FilterError("it is too long");
  }
  return [...tokens, { kind: "end", value: "its end", at: end }];
}

function toToken(
  { string, integer, name, operator = "" }: Partial<Record<string, string>>,
  at: number,
): Token {
  if (string !== undefined) return { kind: "string", value: unescape(string.slice(1, -1)), at };
  if (integer !== undefined) return { kind: "integer", value: integer, at };
  if (name !== undefined) return { kind: "name", value: name, at };
  return { kind: "operator", value: operator, at };
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

function unescape(text: string): string {
  return text.replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    const character = escapes[escape];
    if (character === undefined) throw new FilterError("a string holds an unknown escape");
    return character;
  });
}
