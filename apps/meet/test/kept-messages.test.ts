import { VirtualClock } from '@conclave/base/testing'
import type { AuthorityView } from '@conclave/client'
import { expect, test } from 'vitest'
import type { CallPort } from '../src/state/client-port.ts'
import { keepMessages } from '../src/state/kept-messages.ts'

/** The rules that the app sets in a room, after a while. */
function rulesIn(authority: Partial<AuthorityView>, { close = false } = {}): readonly string[] {
  const clock = new VirtualClock()
  const rules: string[] = []
  const room = {
    snapshot: { authority: { role: undefined, number: 0, ...authority } },
    authority: {
      setHistory: async (rule: string) => {
        rules.push(rule)
      },
    },
  }
  const stop = keepMessages(room as unknown as CallPort, clock)
  clock.advance(1999)
  expect(rules).toEqual([])
  if (close) stop()
  clock.advance(10_000)
  return rules
}

test('the owner of a new room has messages passed on while the call lasts', () => {
  expect(rulesIn({ role: 'owner' })).toEqual(['call'])
})

test('nobody else does, and nothing that the owner has set is changed', () => {
  expect(rulesIn({ role: undefined })).toEqual([])
  expect(rulesIn({ role: 'host' })).toEqual([])
  expect(rulesIn({ role: 'owner', number: 3, history: 'none' })).toEqual([])
  expect(rulesIn({ role: 'owner' }, { close: true })).toEqual([])
})
