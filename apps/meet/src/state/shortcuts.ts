/**
 * Keys that act without a click, for hands that are not typing.
 *
 * @module
 */

/** The action of a shortcut. */
export type Shortcut = 'microphone' | 'camera' | 'chat'

/** The parts of a key press that shortcuts read. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly repeat: boolean
  readonly isComposing: boolean
}

/** The shortcut of a key press, or `undefined`; `typing` says that the press belongs to a field. */
export function shortcutOf(press: KeyPress, typing: boolean): Shortcut | undefined {
  if (typing || press.repeat || press.isComposing) return undefined
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined
  return SHORTCUT_BY_KEY.get(press.key.toLowerCase())
}

const SHORTCUT_BY_KEY: ReadonlyMap<string, Shortcut> = new Map([
  ['m', 'microphone'],
  ['v', 'camera'],
  ['c', 'chat'],
])
