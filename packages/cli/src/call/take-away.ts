import type { CallOptions } from "@connectrpc/connect";
import type { RevocationReceipt } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { type ChangeOptions, type EtagOptions, withChangeOptions } from "../input/options.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Session } from "./session.ts";

/** What every change that takes access away takes. */
export interface TakeAwayOptions extends ChangeOptions, ReceiptOptions {}

/** The same, of something that has an etag. */
export interface TakeAwayEtagOptions extends EtagOptions, ReceiptOptions {}

/** Adds what every change that takes access away takes. */
export const withTakeAwayOptions = (command: Parameters<typeof withChangeOptions>[0]) =>
  withReceiptOption(withChangeOptions(command));

/** Makes a change that takes access away, and keeps the receipt of its answer where the options say. */
export function takeAway<Response extends { readonly receipt?: RevocationReceipt | undefined }>(
  session: Session,
  options: TakeAwayOptions,
  call: (requestId: string, options: CallOptions) => Promise<Response>,
): Promise<Response> {
  return keepReceipt(session.printer, options, () => session.change(options, call));
}
