import { checkMethods } from '@conclave/base'
import type { KeySource } from '../keys/key-source.ts'

/** The key source whose root all members of a room hold: that of its link, or of its passphrase. spec C13 */
export type RoomRoot = Pick<KeySource, 'mode' | 'epoch' | 'export'>

/**
 * Checks that an argument is a key source that exports the same for every member.
 *
 * @throws TypeError that names the argument
 */
export function checkRoot(root: RoomRoot): void {
  checkMethods('root', root, 'export')
  if (root.mode !== 'participant') return
  throw new TypeError('"root" expected a key source with one root, got one of each participant')
}
