/** What a call has to deliver its own change before the relay takes it up, in milliseconds. */
export const headStartMs = 2000;
