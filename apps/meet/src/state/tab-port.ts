/**
 * The other tabs of this browser that have the same room open.
 *
 * @module
 */

/**
 * The words between tabs: `who` asks which tab is in the call, `here` answers that this tab is in it,
 * `gone` says that this tab has left it, and `take` asks the other tab to leave it.
 */
export type TabWord = 'who' | 'here' | 'gone' | 'take'

/** The line between the tabs of one room. */
export interface TabLine {
  say(word: TabWord): void
  close(): void
}

/** Opens lines; a room is named by its public id. */
export interface TabPort {
  open(room: string, hear: (word: TabWord) => void): TabLine
}
