import { z } from "zod";

/** For services that remember whom other services have proven to them, and what these may do. */
export const peerMemoryConfig = {
  /**
   * So many callers are remembered at most, and so many of their permissions, each in 32 MiB at most; 0: whoever calls
   * is proven anew by the services that know.
   */
  CALLER_MEMORY_ENTRIES_MAX: z.coerce.number().int().min(0).max(1_000_000).default(50_000),
} as const;
