import { type FileHandle, open, rm } from "node:fs/promises";
import { toJson } from "@bufbuild/protobuf";
import {
  type RevocationReceipt,
  RevocationReceiptSchema,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { type Command, Option } from "commander";
import { CliError } from "../errors.ts";
import { fileProblem } from "../input/named-file.ts";
import { printableJson } from "./printable.ts";
import type { Printer } from "./printer.ts";

/** What every change that takes access away takes. */
export interface ReceiptOptions {
  readonly receipt?: string;
}

/** Adds what every change that takes access away takes. */
export function withReceiptOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--receipt <file>",
      "write the signed receipt to this new file: proof that nobody can use the access any more",
    ).conflicts("dryRun"),
  );
}

/**
 * Makes a change and writes the receipt of its answer to the file that the options name, if they do. The file is
 * made before the change: one that can't be made, or is there already, ends the command with nothing changed.
 */
export async function keepReceipt<Response extends { readonly receipt?: RevocationReceipt | undefined }>(
  printer: Printer,
  { receipt: path }: ReceiptOptions,
  change: () => Promise<Response>,
): Promise<Response> {
  if (path === undefined) return change();
  const file = await makeFile(path);
  let isWritten = false;
  try {
    const response = await change();
    const { receipt } = response;
    if (receipt === undefined) {
      printer.warn(`the answer has no receipt, so ${path} was not written`);
    } else {
      const json = toJson(RevocationReceiptSchema, receipt, { alwaysEmitImplicit: true });
      await file.writeFile(`${printableJson(json, 2)}\n`);
      isWritten = true;
      printer.note(`The receipt ${receipt.statement?.receiptId ?? ""} is in ${path}.`);
    }
    return response;
  } finally {
    await file.close();
    if (!isWritten) await rm(path, { force: true });
  }
}

async function makeFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx");
  } catch (error) {
    throw CliError.usage(
      `The receipt file ${path} can't be made: ${fileProblem(error)}.`,
      "Nothing was changed. Name a new file.",
    );
  }
}
