import { ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { InvalidArgumentError } from "commander";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { readNamedFile } from "./named-file.ts";
import { objectActions, parseObjectName } from "./object.ts";
import { oneWord } from "./options.ts";
import { readAll } from "./standard-input.ts";

/** A question of a file. */
export interface Question {
  readonly principal: string;
  /** Empty if it is about an object alone. */
  readonly permissionId: string;
  readonly object?: {
    readonly objectType: string;
    readonly objectId: string;
    readonly action: ObjectAction;
  };
  /** What is asked, as it is written. */
  readonly text: string;
}

const bytesMax = 1024 * 1024;

/**
 * Reads questions, each a line: `<principal> <permission or -> [<type/id> <view or modify>]`. What has spaces stands
 * in double quotes; lines that are empty or begin with # are passed over. CliError names the line that is wrong.
 */
export async function readQuestions(terminal: Terminal, path: string): Promise<readonly Question[]> {
  const bytes =
    path === "-" ? await readAll(terminal, bytesMax) : await readNamedFile("questions file", path);
  const lines = String(bytes).split(/\r?\n/);
  return lines.flatMap((line, index) =>
    /^\s*(?:#|$)/.test(line) ? [] : [parseQuestion(line.trim(), index + 1)],
  );
}

function parseQuestion(line: string, number: number): Question {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const [principal = "", permission = "", object, action, ...more] = words;
  const isWhole = permission !== "" && more.length === 0 && (permission !== "-" || object !== undefined);
  if (!isWhole) throw wrong(number, "Write <principal> <permission or -> [<type/id> <view or modify>].");
  const permissionId = permission === "-" ? "" : permission;
  const text = words.slice(1).join(" ");
  if (object === undefined) return { principal, permissionId, text };
  try {
    const asked = { ...parseObjectName(object), action: oneWord(objectActions)(action ?? "view") };
    return { principal, permissionId, object: asked, text };
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw wrong(number, error.message);
    throw error;
  }
}

function wrong(number: number, what: string): CliError {
  return CliError.usage(`Line ${number} is no question.`, what);
}
