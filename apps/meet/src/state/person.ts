/**
 * How people are drawn without a camera: initials and a hue.
 *
 * @module
 */

/** Up to two letters for a name, by what a reader sees as a letter; `?` for a name without any. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const first = words[0]
  if (first === undefined) return symbolOf(name)
  const last = words.length > 1 ? words.at(-1) : undefined
  return (leading(first) + (last === undefined ? '' : leading(last))).toLocaleUpperCase()
}

/** The hue of a participant: the same after a reload, if the browser keeps its person. */
export function hueOfPerson({
  id,
  person,
}: {
  readonly id: string
  readonly person: string | undefined
}): number {
  return hueOf(person ?? id)
}

/** A hue for an id, in degrees: one of twelve, so that neighbours can be told apart. */
export function hueOf(id: string): number {
  let sum = 7
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521
  return (sum % HUES) * (360 / HUES)
}

const HUES = 12

const leading = (word: string): string => {
  for (const { segment } of graphemes(word)) if (/[\p{L}\p{N}]/u.test(segment)) return segment
  return ''
}

const symbolOf = (name: string): string => {
  for (const { segment } of graphemes(name.trim())) return segment
  return '?'
}

const graphemes = (text: string): Iterable<{ segment: string }> =>
  'Segmenter' in Intl
    ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)
    : [...text].map((segment) => ({ segment }))
