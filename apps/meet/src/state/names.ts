/**
 * Names as people may read them: foreign text is cleaned, and two people never look the same.
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'

/**
 * Cleans a name that somebody else wrote: one line, no characters that are invisible or that change
 * the direction of the text, few marks on one letter. Returns an empty text when nothing is left to see.
 */
export function cleanName(name: string): string {
  const text = name
    .normalize('NFC')
    .replaceAll(JOINERS, keepJoiner)
    .replaceAll(INVISIBLE, '')
    .replaceAll(/(\p{M}{3})\p{M}+/gu, '$1')
    .replaceAll(/\s+/gu, ' ')
    .trim()
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text) ? text : ''
}

/** The characters that a reader does not see, joiners excepted, and those without a meaning for all. */
const INVISIBLE = /(?!\u200C|\u200D|\uFE0F)[\p{DI}\u2800]|(?!\s)\p{Cc}|[\p{Cs}\p{Co}]/gu

/** Joiners and emoji selectors, with the characters beside them. */
const JOINERS = /(?<=(.?))(?:\u200C|\u200D|\uFE0F)+(?=(.?))/gsu

/** Emoji sequences and the scripts that join letters need joiners; elsewhere they are invisible. */
const keepJoiner = (joiner: string, before: string, after: string): string => {
  const isEmoji = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}#*0-9]$/u.test(before)
  const next = /^[\p{Extended_Pictographic}\u20E3]$/u.test(after)
  if (isEmoji) {
    const selector = joiner.includes('\uFE0F') ? '\uFE0F' : ''
    const link = joiner.includes('\u200D') && next ? '\u200D' : ''
    return /\d|[#*]/.test(before) && after !== '\u20E3' ? '' : selector + link
  }
  const joins = JOINING_SCRIPT.test(before) && JOINING_SCRIPT.test(after)
  return joins ? (joiner[0] ?? '') : ''
}

const JOINING_SCRIPT =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}]$/u

/** The words that the name book gives to people, and those that it keeps for the app. */
export interface NameWords {
  /** The name of somebody who gave none. */
  readonly guest: string
  /** Words of the app's own that nobody else may bear, such as "You". */
  readonly reserved: readonly string[]
}

/**
 * The names that are shown in a call. A name that somebody present bears gets a number, which the
 * person keeps for the whole stay. A person who left gives the name free: a reload is a new session.
 */
export class NameBook {
  /** By person and given name, the least recently shown first. */
  readonly #entries = new BoundedMap<string, { readonly id: string; readonly shown: string }>(
    MAX_ENTRIES,
  )
  readonly #words: NameWords
  #present: ReadonlySet<string> = new Set()
  /** The people who left last. */
  readonly #left = new BoundedMap<string, true>(MAX_ENTRIES)

  constructor(words: NameWords) {
    this.#words = words
  }

  /** How many names and people who left are remembered. */
  get size(): number {
    return this.#entries.size + this.#left.size
  }

  /** Follows who is in the call; a person who comes back gets a new label. */
  follow(present: ReadonlySet<string>): void {
    for (const id of this.#present) if (!present.has(id)) this.#left.set(id, true)
    for (const id of present) if (this.#left.delete(id)) this.#forget(id)
    this.#present = present
  }

  /** The name to show for a person who gave `given` as the name. */
  nameOf(id: string, given: string): string {
    const key = `${id} ${given}`
    const entry = this.#entries.get(key) ?? { id, shown: this.#firstFree(id, given) }
    this.#entries.set(key, entry)
    return entry.shown
  }

  /** The name to show for somebody who is not here, and takes no name from those who come. */
  nameOfAbsent(id: string, given: string): string {
    if (!this.#present.has(id)) this.#left.set(id, true)
    return this.nameOf(id, given)
  }

  #forget(id: string): void {
    for (const [key, entry] of this.#entries) if (entry.id === id) this.#entries.delete(key)
  }

  #firstFree(id: string, given: string): string {
    const name = cleanName(given) || this.#words.guest
    const taken = new Set(this.#words.reserved.map(likenessOf))
    for (const [, entry] of this.#entries) {
      if (entry.id !== id && !this.#left.has(entry.id)) taken.add(likenessOf(entry.shown))
    }
    if (!taken.has(likenessOf(name))) return name
    let number = 2
    while (taken.has(likenessOf(`${name} ${number}`))) number += 1
    return `${name} ${number}`
  }
}

/** Names with the same likeness are read as the same name. */
const likenessOf = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ')

/** More names than the people of a room bear, with those who left. */
const MAX_ENTRIES = 512
