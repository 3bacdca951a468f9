import { sql } from "kysely";

/** A debt that was taken is due again after this long, doubled with each attempt, in seconds. */
const secondsMin = 1;
const secondsMax = 30;

/** Of the row's `attempts`, in seconds. */
export const backoffSeconds = sql<number>`least(${secondsMax}, ${secondsMin} * 2 ^ least(attempts, 10))`;
