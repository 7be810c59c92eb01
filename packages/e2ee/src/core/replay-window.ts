/** How many of the newest sequences of a stream a replay window distinguishes. spec P8, P40 */
export const REPLAY_WINDOW = 1024
