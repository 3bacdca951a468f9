import { readIfThere, replaceFile } from "./files.ts";
import { paths } from "./paths.ts";

const delivered = `${JSON.stringify({ firstKey: "delivered" })}\n`;

/**
 * Whether the first API key has been shown. Noted after it was, so a start that is cut off in between is
 * followed by one that makes another; nobody has ever seen the one before it.
 */
export async function isFirstKeyDelivered(root: string): Promise<boolean> {
  return (await readIfThere(paths.state(root))) === delivered;
}

export async function noteFirstKeyDelivered(root: string): Promise<void> {
  await replaceFile(paths.state(root), delivered);
}
