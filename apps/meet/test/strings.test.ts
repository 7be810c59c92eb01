import { expect, test } from 'vitest'
import { ownerKeyStrings } from '../src/ui/owner-key-strings.ts'
import { strings } from '../src/ui/strings.ts'

const sentences = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(sentences)
}

test('every text says something, in one line, without double spaces', () => {
  const texts = sentences({ strings, ownerKeyStrings })
  expect(texts.length).toBeGreaterThan(60)
  for (const text of texts) expect(text).toMatch(/^\S(?:.*\S)?$/)
  for (const text of texts) expect(text).not.toContain('  ')
})

test('the start page says that calls are end-to-end encrypted', () => {
  expect(strings.start.lead).toContain('End-to-end encrypted')
})

test('the details say that the people in a call see each other’s network address', () => {
  expect(strings.protection.limitsItems.join()).toContain('see each other’s network address')
  expect(strings.protection.protectedItems.join()).not.toContain('address')
})

test('a burnt link offers a new room and no way to use the link', () => {
  for (const text of [strings.badLink.burnt, strings.start.burnt]) {
    expect(text).toContain('Make a new room')
    expect(text).not.toContain('Ask for')
  }
})

test('a device that did not open during the call is told with the reason', () => {
  for (const fault of ['denied', 'missing', 'busy', 'failed'] as const) {
    const notice = strings.notice({ type: 'device-refused', device: 'camera', fault })
    expect(notice).toBe(strings.deviceFault(fault, ['camera']))
  }
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
  ['failed', ['microphone'], 'Press Mic'],
] as const)('a %s %j says so', (fault, devices, words) => {
  expect(strings.deviceFault(fault, devices)).toContain(words)
})

test('names stand in notices as they are', () => {
  expect(strings.notice({ type: 'joined', name: '<b>Alice</b>' })).toBe('<b>Alice</b> joined')
})

test.each([
  [1, 'You missed 1 message while you were away.'],
  [3, 'You missed 3 messages while you were away.'],
  [2 ** 40, 'You missed more than 999 messages while you were away.'],
])('%d missed messages are told as that many', (count, words) => {
  expect(strings.chat.missed(count)).toBe(words)
})
