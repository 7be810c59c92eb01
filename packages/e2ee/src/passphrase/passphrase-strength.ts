import { describeType } from '@conclave/base'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { E2eeError } from '../errors.ts'
import {
  COMMON_PAIRS,
  COMMON_PHRASES,
  KEYBOARD_ROWS,
  STOP_WORDS,
  WORD_SEQUENCES,
} from './common-phrases.ts'
import { typedForm } from './typed-text.ts'

/** The least that a passphrase needs: five words drawn at random from the list, or twelve random characters. spec K39 */
export const MIN_PASSPHRASE_BITS = 50

/** Something that guessers try early. */
export type PassphrasePattern = 'word' | 'common' | 'repeat' | 'sequence' | 'keyboard' | 'date'

/** How hard a passphrase is to guess, as far as its text shows. */
export interface PassphraseStrength {
  /**
   * How many times a guesser's work doubles, in whole bits. It is an estimate from the text only: it cannot know who chose
   * the words, or where else they stand.
   */
  readonly bits: number
  /** Whether this is {@link MIN_PASSPHRASE_BITS} or more. */
  readonly isStrong: boolean
  /** The patterns that the estimate found, each once, in order. */
  readonly patterns: readonly PassphrasePattern[]
}

/**
 * Estimates how hard a passphrase is to guess: the cheapest way to put it together out of list words, common
 * passwords, repetitions, sequences, keyboard rows, dates and single characters. Takes any text, and no longer for long
 * ones: only the first 256 characters count. spec K39
 *
 * @throws TypeError for anything that is no text
 */
export function estimatePassphrase(passphrase: string): PassphraseStrength {
  if (typeof passphrase !== 'string') {
    throw new TypeError(`"passphrase" expected string, got ${describeType(passphrase)}`)
  }
  const shown = Array.from(typedForm(passphrase.slice(0, MAX_CHARACTERS * 4)))
  const text = toText(shown.slice(0, MAX_CHARACTERS))
  const series = findWordSeries(text)
  const drawn = series.length === 0 ? drawnFromList(text) : undefined
  if (drawn !== undefined) return strengthOf(drawn.bits, drawn.patterns)
  const found = [
    ...series,
    ...findWords(text),
    ...findSentence(text),
    ...findRuns(text),
    ...findRepeats(text),
    ...findDates(text),
  ]
  const { bits, patterns } = cheapestWay(text, found)
  return strengthOf(Math.floor(bits), patterns)
}

/**
 * Refuses passphrases that are easy to guess. It is a floor, not a measure: a phrase that passes can still be weak; one
 * that `generatePassphrase` drew is not. spec K39
 *
 * @throws TypeError for anything that is no text
 * @throws E2eeError `ERR_E2EE_WEAK_PASSPHRASE`
 */
export function checkPassphrase(passphrase: string): void {
  const { bits, isStrong } = estimatePassphrase(passphrase)
  if (isStrong) return
  const details = { bits, minBits: MIN_PASSPHRASE_BITS }
  const message = 'the passphrase is too easy to guess'
  throw new E2eeError('ERR_E2EE_WEAK_PASSPHRASE', details, { message })
}

interface Text {
  /** One entry for each character. */
  readonly shown: readonly string[]
  /** In lower case. */
  readonly folded: readonly string[]
  /** In lower case, with letters for the digits and signs that stand for them. */
  readonly plain: readonly string[]
}

/** A part of the text that costs less than its characters. */
interface Found {
  readonly start: number
  readonly end: number
  readonly bits: number
  readonly pattern: PassphrasePattern
}

function toText(shown: readonly string[]): Text {
  const folded = shown.map((character) => character.toLowerCase())
  return { shown, folded, plain: folded.map((character) => DISGUISES.get(character) ?? character) }
}

const strengthOf = (bits: number, patterns: readonly PassphrasePattern[]): PassphraseStrength => ({
  bits,
  isStrong: bits >= MIN_PASSPHRASE_BITS,
  patterns,
})

/** Words of the list and nothing else: each different one counts as one draw, however common its letters are. */
function drawnFromList({
  folded,
}: Text): { readonly bits: number; readonly patterns: PassphrasePattern[] } | undefined {
  const words = folded
    .map((letter) => (SEPARATOR.test(letter) ? ' ' : letter))
    .join('')
    .split(' ')
    .filter((word) => word !== '')
  const distinct = new Set(words)
  if (words.length < 2 || COMMON_PHRASES.has(words.join(''))) return undefined
  for (const word of distinct) if (!WORDS.has(word)) return undefined
  const again = words.length - distinct.size
  const bits = distinct.size * WORD_BITS + Math.min(again * AGAIN_BITS, MAX_AGAIN_BITS)
  return { bits, patterns: again > 0 ? ['word', 'repeat'] : ['word'] }
}

/** The least bits from the beginning to each character, and the patterns of the cheapest way. */
function cheapestWay(
  text: Text,
  found: readonly Found[],
): { readonly bits: number; readonly patterns: PassphrasePattern[] } {
  const { length } = text.shown
  const foundByEnd = new Map<number, Found[]>()
  for (const part of found) {
    foundByEnd.set(part.end, [...(foundByEnd.get(part.end) ?? []), part])
  }
  const bitsTo = [0]
  const lastOf: (Found | undefined)[] = []
  for (let end = 1; end <= length; end += 1) {
    let bits = (bitsTo[end - 1] ?? 0) + characterBits(text, end - 1)
    let last: Found | undefined
    for (const part of foundByEnd.get(end) ?? []) {
      const total = (bitsTo[part.start] ?? 0) + part.bits
      if (total < bits) [bits, last] = [total, part]
    }
    bitsTo.push(bits)
    lastOf[end] = last
  }
  const patterns = new Set<PassphrasePattern>()
  for (let end = length; end > 0; end = lastOf[end]?.start ?? end - 1) {
    const { pattern } = lastOf[end] ?? {}
    if (pattern !== undefined) patterns.add(pattern)
  }
  return { bits: bitsTo[length] ?? 0, patterns: [...patterns].reverse() }
}

/** The bits of one character that belongs to no pattern. */
function characterBits({ shown, folded }: Text, at: number): number {
  const [character = '', before = ''] = [folded[at], folded[at - 1]]
  if (SEPARATOR.test(character)) return 0
  if (/^[0-9]$/.test(character)) return DIGIT_BITS
  if (/^[a-z]$/.test(character)) {
    const isShifted = shown[at] !== character
    const wasShifted = shown[at - 1] !== before
    const caseBits = isShifted === wasShifted || (at === 0 && !isShifted) ? 0 : 1
    return (COMMON_PAIRS.has(before + character) ? COMMON_PAIR_BITS : LETTER_BITS) + caseBits
  }
  if (/^[!-~]$/.test(character)) return SIGN_BITS
  if (/^[\p{Ideographic}\p{Script=Hangul}]/u.test(character)) return IDEOGRAPH_BITS
  if (/^\p{L}/u.test(character)) return FOREIGN_LETTER_BITS
  return /^[\p{M}\p{C}]/u.test(character) ? 1 : IDEOGRAPH_BITS
}

/** Words, and phrases that are written together or apart. */
function findWords({ shown, folded, plain }: Text): Found[] {
  const found: Found[] = []
  for (const [letters, disguise] of [
    [folded, 0],
    [plain, 1],
  ] as const) {
    for (let start = 0; start < letters.length; start += 1) {
      let word = ''
      for (let end = start; end < letters.length && word.length < MAX_PHRASE; end += 1) {
        const letter = letters[end] ?? ''
        if (SEPARATOR.test(letter)) {
          if (word === '') break
          continue
        }
        word += letter
        const bits = wordBits(word)
        if (bits === undefined) continue
        const isShifted = shown[start] !== folded[start] ? 1 : 0
        const pattern = bits === WORD_BITS ? 'word' : 'common'
        found.push({ start, end: end + 1, bits: bits + disguise + isShifted, pattern })
      }
    }
  }
  return found
}

function wordBits(word: string): number | undefined {
  if (STOP_WORDS.has(word)) return STOP_WORD_BITS
  if (COMMON_PHRASES.has(word)) return COMMON_BITS
  return WORDS.has(word) ? WORD_BITS : undefined
}

interface Word {
  readonly word: string
  readonly start: number
  readonly end: number
}

/** The parts between separators. */
function wordsOf({ folded }: Text): Word[] {
  const words: Word[] = []
  for (let start = 0; start < folded.length; start += 1) {
    let end = start
    while (end < folded.length && !SEPARATOR.test(folded[end] ?? '')) end += 1
    if (end > start) words.push({ word: folded.slice(start, end).join(''), start, end })
    start = end
  }
  return words
}

/** The words of a sentence, which the words that sentences are full of give away: what comes next is no free draw. */
function findSentence(text: Text): Found[] {
  const words = wordsOf(text).filter(({ word }) => /^\p{L}+$/u.test(word))
  if (words.length < MIN_SENTENCE || !words.some(({ word }) => STOP_WORDS.has(word))) return []
  return words.map(({ start, end }) => ({ start, end, bits: SENTENCE_WORD_BITS, pattern: 'word' }))
}

/** Words in the order of the list, of a count, or of a phrase of examples: four or more, as so many are no chance. */
function findWordSeries(text: Text): Found[] {
  const words = wordsOf(text)
  const found: Found[] = []
  for (const [at, { start }] of words.entries()) {
    for (const step of [1, -1]) {
      let last = at
      while (isInSeries(words[last]?.word, words[last + 1]?.word, step)) last += 1
      const size = last - at + 1
      if (size < MIN_SERIES) continue
      const bits = WORD_BITS + Math.log2(size)
      found.push({ start, end: words[last]?.end ?? start, bits, pattern: 'sequence' })
    }
  }
  return found
}

function isInSeries(word: string | undefined, next: string | undefined, step: number): boolean {
  if (word === undefined || next === undefined) return false
  const [one, other] = step === 1 ? [word, next] : [next, word]
  return FOLLOWERS.has(`${one} ${other}`)
}

/** Neighbours in the alphabet, among digits, or on a keyboard: upwards or downwards. */
function findRuns({ folded }: Text): Found[] {
  const found: Found[] = []
  const add = (isNext: (a: string, b: string) => boolean, pattern: PassphrasePattern): void => {
    for (let start = 0; start < folded.length; start += 1) {
      let end = start + 1
      while (end < folded.length && isNext(folded[end - 1] ?? '', folded[end] ?? '')) {
        end += 1
        if (end - start >= MIN_RUN) {
          found.push({ start, end, bits: RUN_BITS + Math.log2(end - start), pattern })
        }
      }
    }
  }
  for (const step of [1, -1]) {
    add((a, b) => isAlphanumeric(a) && isAlphanumeric(b) && distance(a, b) === step, 'sequence')
    for (const row of KEYBOARD_ROWS) {
      add((a, b) => row.includes(a) && row.includes(b) && isBeside(row, a, b, step), 'keyboard')
    }
  }
  return found
}

/** Repetitions of earlier text, from its beginning or overlapping. */
function findRepeats({ folded }: Text): Found[] {
  const found: Found[] = []
  const { length } = folded
  /** How far the text from `a` and the text from `b` agree; filled from the end. */
  const agree = Array.from({ length: length + 1 }, () => new Uint16Array(length + 1))
  const longestAt = new Uint16Array(length + 1)
  for (let a = length - 1; a >= 0; a -= 1) {
    for (let b = length - 1; b > a; b -= 1) {
      const same = folded[a] === folded[b] ? 1 + (agree[a + 1]?.[b + 1] ?? 0) : 0
      const row = agree[a]
      if (row !== undefined) row[b] = same
      longestAt[b] = Math.max(longestAt[b] ?? 0, same)
    }
  }
  for (let start = 1; start < length; start += 1) {
    for (let size = MIN_REPEAT; size <= (longestAt[start] ?? 0); size += 1) {
      found.push({ start, end: start + size, bits: REPEAT_BITS, pattern: 'repeat' })
    }
  }
  return found
}

/** Years, and days with or without signs between. */
function findDates({ folded }: Text): Found[] {
  const found: Found[] = []
  for (let start = 0; start < folded.length; start += 1) {
    const rest = folded.slice(start, start + 10).map((each) => (each.length === 1 ? each : ' '))
    for (const [pattern, bits] of DATES) {
      const [match] = pattern.exec(rest.join('')) ?? []
      if (match) found.push({ start, end: start + match.length, bits, pattern: 'date' })
    }
  }
  return found
}

const isAlphanumeric = (character: string): boolean => /^[a-z0-9]$/.test(character)
const distance = (a: string, b: string): number => b.charCodeAt(0) - a.charCodeAt(0)
const isBeside = (row: string, a: string, b: string, step: number): boolean =>
  a !== '' && b !== '' && row.indexOf(b) - row.indexOf(a) === step

const MAX_CHARACTERS = 256
const MAX_PHRASE = 40
const MIN_RUN = 3
const MIN_REPEAT = 3
const MIN_SERIES = 4
const MIN_SENTENCE = 3
const LETTER_BITS = Math.log2(26)
const DIGIT_BITS = Math.log2(10)
const SIGN_BITS = 5
const COMMON_PAIR_BITS = 2.2
const FOREIGN_LETTER_BITS = 2.4
const IDEOGRAPH_BITS = 6
const STOP_WORD_BITS = 4
const COMMON_BITS = 6
const WORD_BITS = 11
const SENTENCE_WORD_BITS = 8
const AGAIN_BITS = 3
const MAX_AGAIN_BITS = 6
const RUN_BITS = 4
const REPEAT_BITS = 4
const WORDS: ReadonlySet<string> = new Set(wordlist)
const FOLLOWERS: ReadonlySet<string> = new Set(
  [wordlist, ...WORD_SEQUENCES].flatMap((words) =>
    words.slice(1).map((word, at) => `${words[at]} ${word}`),
  ),
)
const SEPARATOR = /^[\s\-_.,;:/]$/
const DISGUISES: ReadonlyMap<string, string> = new Map(
  ['0o', '1i', '3e', '4a', '5s', '7t', '8b', '@a', '$s', '!i', '+t', '|l', '(c'].map(
    ([sign = '', letter = '']) => [sign, letter],
  ),
)
const DATES: readonly (readonly [RegExp, number])[] = [
  [/^(?:19|20)\d\d/, 7],
  [/^(?:0?[1-9]|[12]\d|3[01])[./-]?(?:0?[1-9]|1[0-2])[./-]?(?:(?:19|20)?\d\d)/, 14],
  [/^(?:19|20)\d\d[./-]?(?:0[1-9]|1[0-2])[./-]?(?:0[1-9]|[12]\d|3[01])/, 14],
]
