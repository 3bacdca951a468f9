import { type Compression, compressionNegotiate } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";

/** What messages may be compressed with. */
export const compressions: Compression[] = [compressionGzip, compressionBrotli];
/** An answer of so many bytes is compressed for who takes that. */
export const compressedBytesMin = 1_024;

/** By what an answer is compressed for who says to accept this; undefined for nothing. */
export function acceptedCompression(accepted: string): Compression | undefined {
  if (accepted === "") return undefined;
  return compressionNegotiate(compressions, null, accepted, "").response ?? undefined;
}
