import { ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "../errors.ts";
import { oneWord } from "./options.ts";

/** What is done with objects, as it is named on the command line. */
export const objectActions: ReadonlyMap<string, ObjectAction> = new Map<string, ObjectAction>([
  ["view", ObjectAction.VIEW],
  ["modify", ObjectAction.MODIFY],
]);

/** An object: its type, and the id that its backend gave it. */
interface ObjectName {
  readonly objectType: string;
  readonly objectId: string;
}

/** What a question may ask about an object. */
export interface ObjectQuestionOptions {
  readonly object?: ObjectName;
  readonly action?: ObjectAction;
}

/** Parses `<type>/<id>`. The id may have slashes. */
export function parseObjectName(text: string): ObjectName {
  const end = text.indexOf("/");
  if (end < 1 || end === text.length - 1) {
    throw new InvalidArgumentError("Write an object as <type>/<id>.");
  }
  return { objectType: text.slice(0, end), objectId: text.slice(end + 1) };
}

/** The option that says what is done with an object. */
export function actionOption(description: string): Option {
  return new Option("--action <action>", description).argParser(oneWord(objectActions));
}

/** Adds the options of a question that may be about an object. */
export function withObjectQuestion(command: Command): Command {
  return command
    .addOption(
      new Option("--object <type/id>", "an object, beside the permission or without one").argParser(
        parseObjectName,
      ),
    )
    .addOption(actionOption("what is to be done with it: view (if not given) or modify"));
}

/** The part of a question that says what. CliError where it says nothing. */
export function questionOf(permissionId: string | undefined, { object, action }: ObjectQuestionOptions) {
  if (permissionId === undefined && object === undefined) {
    throw CliError.usage("There is nothing to ask about.", "Name a permission, or an object with --object.");
  }
  if (object === undefined && action !== undefined) {
    throw CliError.usage("--action is about an object.", "Name it with --object <type/id>.");
  }
  return {
    permissionId: permissionId ?? "",
    ...(object === undefined ? {} : { object: { ...object, action: action ?? ObjectAction.VIEW } }),
  };
}
