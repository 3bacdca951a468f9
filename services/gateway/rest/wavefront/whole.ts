/**
 * What was made in a first step is whole with a second one, or not there: if that fails, it is taken away again, so
 * that the request can be repeated. Nobody can have used it yet.
 */
export async function wholeOrNothing(
  finish: () => Promise<void>,
  takeAway: () => Promise<unknown>,
): Promise<void> {
  try {
    await finish();
  } catch (error) {
    // What went wrong first is what the client must know; what is left behind it meets when it repeats.
    await takeAway().catch(() => {});
    throw error;
  }
}
