/** No message may be larger, in bytes: room for a batch of 1,000. */
export const messageBytesMax = 4 * 1024 * 1024;
/** Calls at once on one connection. */
export const concurrentStreamsMax = 1_000;
