import { describe, expect, test } from 'vitest'
import { findPhrases } from '../checks/language.ts'

/** Put together here, so that the check does not take the faulty texts of this file for its own. */
const doc = (text: string): string => `/*${'*'} ${text} */`
const title = (text: string): string => `${'test'}('${text}', () => {})`
const error = (text: string): string => `throw new Type${'Error'}('${text}')`

describe('a relative clause in place of a noun', () => {
  test.each(['What', 'Who', 'Whoever', 'Whatever', 'Whose', 'Which'])('%s', (word) => {
    expect(findPhrases('x.ts', doc(`${word} is dropped.`))).toHaveLength(1)
    expect(findPhrases('x.ts', `/*${'*'}\n * ${word} is dropped.\n */`)).toHaveLength(1)
    expect(
      findPhrases('x.ts', title(`[${'X1'}, ${'X2'}] ${word.toLowerCase()} is dropped`)),
    ).toHaveLength(1)
  })

  test.each(['Whole files.', 'Whatsoever.', 'Whether it is dropped.', 'Counts what was dropped.'])(
    'is not what begins "%s"',
    (text) => {
      expect(findPhrases('x.ts', doc(text))).toEqual([])
    },
  )
})

const FAULTY = [
  'It is not shown any more.',
  'It is not shown any\n * more.',
  'It has a key of its own.',
  'Runs code of the caller’s, which may seal.',
  'RangeError for limits that cannot be such.',
  'Opens for its receiver alone.',
  'Longer than its bytes no text is.',
  'Copied: yours stays yours.',
  'Overwrite it when you need it no more.',
  'Seals everything anew.',
  'Recovers aloud.',
  'Bytes of a bearable length.',
  'It is nobody’s business.',
]

describe('a phrase of the list', () => {
  test.each(FAULTY)('%j', (text) => {
    expect(findPhrases('x.ts', doc(text))).toHaveLength(1)
    expect(findPhrases('x.ts', `// ${text.replace('\n *', '\n//')}\n`)).toHaveLength(1)
    expect(findPhrases('x.md', text.replace(' *', ''))).toHaveLength(1)
    expect(findPhrases('x.ts', title(text.replace('\n *', '')))).toHaveLength(1)
    expect(findPhrases('x.ts', error(text.replace('\n *', '')))).toHaveLength(1)
  })
})

test.each([
  'It runs on its own.',
  'The bytes after it are left alone.',
  'Takes no more tasks.',
  'There is no such key, such as this.',
  'No server is asked.',
  'The text `of its own` is code.',
  'The epoch of a participant’s key.',
])('plain English passes: %s', (text) => {
  expect(findPhrases('x.ts', doc(text))).toEqual([])
  expect(findPhrases('x.md', text)).toEqual([])
})

test('code is not prose', () => {
  expect(findPhrases('x.ts', "const anew = 'of its own'\n")).toEqual([])
  expect(findPhrases('x.md', '```ts\n// of its own\n```\n')).toEqual([])
})

test('a fault is reported with its line', () => {
  expect(findPhrases('x.md', 'Plain.\n\nSealed anew.\n')[0]).toMatch(/^x\.md:3: "anew"/)
  expect(findPhrases('x.ts', `f()\n${doc('Sealed anew.')}\n`)[0]).toMatch(/^x\.ts:2: "anew"/)
})
