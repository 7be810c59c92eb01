import { expect, test } from 'vitest'
import { FIRST_STATE, hasJoinDeadline, nextState } from '../../src/session/connection-state.ts'
import type { ConnectionInput } from '../../src/session/connection-state.ts'

const after = (...inputs: readonly ConnectionInput[]): ReturnType<typeof nextState> =>
  inputs.reduce(nextState, FIRST_STATE)

const JOINED: ConnectionInput = { type: 'joined' }
const LEFT: ConnectionInput = { type: 'leftLastChannel' }
const ENDED: ConnectionInput = { type: 'ended', code: 4408 }

test('[H11] a connection has a deadline to join until it is in a channel, and again after the last', () => {
  expect(hasJoinDeadline(after())).toBe(true)
  expect(hasJoinDeadline(after(JOINED))).toBe(false)
  expect(hasJoinDeadline(after(JOINED, LEFT))).toBe(true)
  expect(hasJoinDeadline(after(JOINED, LEFT, JOINED))).toBe(false)
  expect(hasJoinDeadline(after(ENDED))).toBe(false)
})

test('an ended connection keeps the code of its first end, whatever follows', () => {
  const ended = after(JOINED, ENDED)
  expect(ended).toEqual({ state: 'ended', code: 4408 })
  for (const input of [JOINED, LEFT, { type: 'ended', code: 1000 } as const])
    expect(nextState(ended, input)).toBe(ended)
})

test('an input that changes nothing gives the same state', () => {
  const joined = after(JOINED)
  expect(nextState(joined, JOINED)).toBe(joined)
})
