import { sealGrowingFile } from '@conclave/e2ee/files'
import { expect, test } from 'vitest'
import { encodeRecordingKey, parseRecordingKey } from '../src/recording-key.ts'

const { key } = sealGrowingFile(new Blob([]).stream())

test('[Q10] a key is a text and back, within what a message takes', () => {
  const text = encodeRecordingKey(key)
  expect(text.length).toBeLessThan(512)
  const parsed = parseRecordingKey(text)
  expect(parsed && encodeRecordingKey(parsed)).toBe(text)
  expect(JSON.stringify({ key })).not.toContain(text.slice(20, 40))
})

test('[Q10] any other text is no key, without an exception', () => {
  const text = encodeRecordingKey(key)
  const wrong: readonly unknown[] = [
    ...[undefined, null, 1, {}, '', 'x', '{}', '[]', text.slice(1), `${text} x`],
    ...[text.padEnd(513), text.replace('"file":3', '"file":2'), JSON.stringify(text)],
  ]
  for (const value of wrong) expect(parseRecordingKey(value)).toBe(undefined)
})
