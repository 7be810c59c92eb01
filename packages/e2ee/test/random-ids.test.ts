import { randomMessageId, randomParticipantId } from '@conclave/e2ee'
import { parseMessageId, parseParticipantId, UNKNOWN_MESSAGE_ID } from '@conclave/wire'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

test('[P1] participant ids are valid and never the same twice', () => {
  const ids = Array.from({ length: 500 }, () => randomParticipantId())
  expect(ids.every((id) => parseParticipantId(id) === id)).toBe(true)
  expect(new Set(ids).size).toBe(500)
})

test('[P1] the bytes of the room are never drawn as an id', () => {
  const draw = vi.spyOn(crypto, 'getRandomValues')
  draw.mockImplementationOnce((array) => array)
  expect(parseParticipantId(randomParticipantId())).toBeDefined()
  draw.mockImplementationOnce((array) => array)
  expect(randomMessageId()).not.toBe(UNKNOWN_MESSAGE_ID)
  expect(draw).toHaveBeenCalledTimes(4)
})

test('message ids are valid and never the same twice', () => {
  const ids = Array.from({ length: 500 }, () => randomMessageId())
  expect(ids.every((id) => parseMessageId(id) === id)).toBe(true)
  expect(new Set(ids).size).toBe(500)
})
