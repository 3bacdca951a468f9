import { FilterError, type Token, tokenize } from "./lexer.ts";
import {
  comparison,
  constant,
  type Fields,
  type FieldTypes,
  membership,
  parseDuration,
  parseTime,
  type Typed,
} from "./values.ts";

const depthMax = 32;
const comparisons = ["==", "!=", "<", "<=", ">", ">="];

/** Whether a listed thing is asked for. */
export type Filter = (fields: Fields, nowMs: number) => boolean;

/**
 * Reads a filter: the subset of CEL of contracts/ngrok.md §1.1, checked for sense before it is used. Throws
 * FilterError. What it costs is bounded by the length of the expression, which is bounded.
 */
export function parseFilter(text: string, fieldTypes: FieldTypes): Filter {
  const parser = new Parser(tokenize(text), fieldTypes);
  const expression = parser.expression();
  parser.expect("end", "its end");
  if (expression.type !== "bool") throw new FilterError("it must be a condition, which is true or false");
  return (fields, nowMs) => expression.evaluate(fields, nowMs) === true;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #fieldTypes: FieldTypes;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], fieldTypes: FieldTypes) {
    this.#tokens = tokens;
    this.#fieldTypes = fieldTypes;
  }

  expression(): Typed {
    if (++this.#depth > depthMax) throw new FilterError("it is nested too deeply");
    const first = this.#conjunction();
    const rest = this.#more("||", () => this.#conjunction());
    this.#depth--;
    if (rest.length === 0) return first;
    const all = [first, ...rest].map((part) => asBool(part, "||"));
    return { type: "bool", evaluate: (fields, nowMs) => all.some(({ evaluate }) => evaluate(fields, nowMs)) };
  }

  expect(kind: Token["kind"], value: string): void {
    const token = this.#take();
    if (token.kind !== kind || (kind !== "end" && token.value !== value)) throw unexpected(token);
  }

  #conjunction(): Typed {
    const first = this.#negation();
    const rest = this.#more("&&", () => this.#negation());
    if (rest.length === 0) return first;
    const all = [first, ...rest].map((part) => asBool(part, "&&"));
    return {
      type: "bool",
      evaluate: (fields, nowMs) => all.every(({ evaluate }) => evaluate(fields, nowMs)),
    };
  }

  #more(operator: string, parse: () => Typed): readonly Typed[] {
    const parts: Typed[] = [];
    while (this.#accept(operator)) parts.push(parse());
    return parts;
  }

  /** As in CEL `!` binds more tightly than a comparison does. */
  #negation(): Typed {
    const left = this.#unary();
    const token = this.#peek();
    if (token.kind === "operator" && comparisons.includes(token.value)) {
      this.#take();
      return comparison(token.value, left, this.#unary());
    }
    if (token.kind === "name" && token.value === "in") {
      this.#take();
      return membership(left, this.#unary());
    }
    return left;
  }

  #unary(): Typed {
    let isNegated = false;
    let isCondition = false;
    while (this.#accept("!")) {
      isNegated = !isNegated;
      isCondition = true;
    }
    const operand = this.#operand();
    if (!isCondition) return operand;
    const { evaluate } = asBool(operand, "!");
    return { type: "bool", evaluate: (fields, nowMs) => (evaluate(fields, nowMs) === true) !== isNegated };
  }

  #operand(): Typed {
    const token = this.#take();
    switch (token.kind) {
      case "string":
        return this.#methods(constant("string", token.value));
      case "integer":
        return constant("integer", Number(token.value));
      case "name":
        return this.#methods(this.#named(token));
      case "operator":
        if (token.value === "[") return this.#list();
        if (token.value !== "(") throw unexpected(token);
        return this.#parenthesized();
      case "end":
        throw unexpected(token);
    }
  }

  #parenthesized(): Typed {
    const inner = this.expression();
    this.expect("operator", ")");
    return inner;
  }

  #named(token: Token): Typed {
    switch (token.value) {
      case "true":
      case "false":
        return constant("bool", token.value === "true");
      case "null":
        return constant("null", null);
      case "obj":
        return this.#field();
      case "size":
        this.expect("operator", "(");
        return sizeOf(this.#parenthesized());
      case "timestamp":
        return this.#timestamp();
      default:
        throw new FilterError(`«${token.value}» is not known; fields are written obj.<field>`);
    }
  }

  #field(): Typed {
    this.expect("operator", ".");
    const { kind, value: name } = this.#take();
    const type = Object.hasOwn(this.#fieldTypes, name) ? this.#fieldTypes[name] : undefined;
    if (kind !== "name" || type === undefined) {
      throw new FilterError(`it can ask for ${Object.keys(this.#fieldTypes).join(", ")}`);
    }
    const read = (fields: Fields) => fields[name] ?? null;
    if (type !== "timestamp") return { type, evaluate: read };
    return { type, evaluate: (fields) => Date.parse(String(read(fields))) };
  }

  #timestamp(): Typed {
    this.expect("operator", "(");
    const token = this.#take();
    let time: Typed;
    if (token.kind === "string") time = constant("timestamp", parseTime(token.value));
    else if (token.kind === "name" && token.value === "time") {
      this.expect("operator", ".");
      this.expect("name", "now");
      time = { type: "timestamp", evaluate: (_, nowMs) => nowMs };
    } else throw unexpected(token);
    this.expect("operator", ")");
    return time;
  }

  #methods(receiver: Typed): Typed {
    let result = receiver;
    while (this.#accept(".")) {
      const { value: name } = this.#take();
      this.expect("operator", "(");
      if (name === "size") {
        this.expect("operator", ")");
        result = sizeOf(result);
        continue;
      }
      const argument = this.#take();
      this.expect("operator", ")");
      if (argument.kind !== "string") throw unexpected(argument);
      result = methodOf(name, result, argument.value);
    }
    return result;
  }

  #list(): Typed {
    const items: string[] = [];
    while (!this.#accept("]")) {
      if (items.length > 0) this.expect("operator", ",");
      const token = this.#take();
      if (token.kind !== "string") throw unexpected(token);
      items.push(token.value);
    }
    return constant("strings", items);
  }

  #accept(operator: string): boolean {
    const { kind, value } = this.#peek();
    if (kind !== "operator" || value !== operator) return false;
    this.#next++;
    return true;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }

  #peek(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new Error("the end is a token");
    return token;
  }
}

function sizeOf({ type, evaluate }: Typed): Typed {
  if (type !== "string" && type !== "id" && type !== "strings") {
    throw new FilterError("size() is of a string or a list");
  }
  return {
    type: "integer",
    evaluate(fields, nowMs) {
      const value = evaluate(fields, nowMs);
      return typeof value === "string" ? Array.from(value).length : Array.isArray(value) ? value.length : 0;
    },
  };
}

const textMethods: Readonly<Record<string, (text: string, argument: string) => boolean>> = {
  startsWith: (text, argument) => text.startsWith(argument),
  endsWith: (text, argument) => text.endsWith(argument),
  contains: (text, argument) => text.includes(argument),
};

function methodOf(name: string, { type, evaluate }: Typed, argument: string): Typed {
  if (type === "timestamp" && (name === "subtract" || name === "add")) {
    const shiftMs = parseDuration(argument) * (name === "add" ? 1 : -1);
    return { type, evaluate: (fields, nowMs) => Number(evaluate(fields, nowMs)) + shiftMs };
  }
  const method = Object.hasOwn(textMethods, name) ? textMethods[name] : undefined;
  if (method === undefined || type !== "string") throw new FilterError(`.${name}() of ${type} is not known`);
  return { type: "bool", evaluate: (fields, nowMs) => method(String(evaluate(fields, nowMs)), argument) };
}

function asBool(part: Typed, operator: string): Typed {
  if (part.type !== "bool") throw new FilterError(`«${operator}» joins conditions, not ${part.type}`);
  return part;
}

function unexpected(token: Token): FilterError {
  const what = token.kind === "string" ? "a string" : token.kind === "end" ? "its end" : `«${token.value}»`;
  return new FilterError(`${what} at position ${token.at + 1} was not expected`);
}
