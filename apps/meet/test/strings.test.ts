import { expect, test } from 'vitest'
import { strings } from '../src/ui/strings.ts'

const sentences = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(sentences)
}

test('every text says something, in one line, without double spaces', () => {
  const texts = sentences(strings)
  expect(texts.length).toBeGreaterThan(60)
  for (const text of texts) expect(text).toMatch(/^\S(?:.*\S)?$/)
  for (const text of texts) expect(text).not.toContain('  ')
})

test('every bad link says what to do', () => {
  const { 'not-a-room': none, 'missing-secret': missing, ...rest } = strings.badLink
  for (const text of [none, missing, rest['damaged-secret'], rest['wrong-secret']]) {
    expect(text).toContain('Ask for the whole link again')
  }
})

test.each([
  ['denied', ['microphone', 'camera'], 'may not use the microphone and the camera'],
  ['missing', ['microphone', 'camera'], 'No microphone and no camera was found'],
  ['missing', ['camera'], 'No camera was found'],
  ['busy', ['camera'], 'then press Camera'],
  ['failed', ['microphone'], 'Press Microphone'],
] as const)('a %s %j says so', (fault, devices, words) => {
  expect(strings.deviceFault(fault, devices)).toContain(words)
})

test('names stand in notices as they are', () => {
  expect(strings.notice({ type: 'joined', name: '<b>Ada</b>' })).toBe('<b>Ada</b> joined')
})
