/**
 * Ranges of epochs, as page and worker name them to each other.
 *
 * @module
 */

/** Epochs from the first to the last, both included. */
export interface EpochRange {
  readonly first: bigint
  readonly last: bigint
}

/** Whether a range contains an epoch. */
export function isWithin(epochs: EpochRange, epoch: bigint): boolean {
  return epochs.first <= epoch && epoch <= epochs.last
}
