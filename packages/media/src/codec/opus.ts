/**
 * Opus: the packetizer reads nothing of a frame, so nothing stays clear.
 *
 * @module
 */

/** Length of the clear prefix of an Opus frame. spec M5 */
export function opusPrefixLength(): 0 {
  return 0
}
