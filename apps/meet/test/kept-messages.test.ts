import { VirtualClock } from '@conclave/base/testing'
import type { AuthorityView } from '@conclave/client'
import { expect, test } from 'vitest'
import type { CallPort } from '../src/state/client-port.ts'
import { keepMessages } from '../src/state/kept-messages.ts'
import { settle } from './support/virtual-clock.ts'

/** The rules that the app sets in a room, after a while. */
async function rulesIn(
  authority: Partial<AuthorityView>,
  { close = false, isMaker = true } = {},
): Promise<readonly string[]> {
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
  const client = { isMaker: async () => isMaker }
  const stop = keepMessages(room as unknown as CallPort, { clock, client })
  clock.advance(1999)
  expect(rules).toEqual([])
  if (close) stop()
  clock.advance(10_000)
  await settle()
  return rules
}

test('the owner of a new room has messages passed on while the call lasts', async () => {
  expect(await rulesIn({ role: 'owner' })).toEqual(['call'])
})

test('nobody else does, and nothing that the owner has set is changed', async () => {
  expect(await rulesIn({ role: undefined })).toEqual([])
  expect(await rulesIn({ role: 'host' })).toEqual([])
  expect(await rulesIn({ role: 'owner', number: 3, history: 'none' })).toEqual([])
  expect(await rulesIn({ role: 'owner' }, { close: true })).toEqual([])
})

test('a device on which the owner entered the key leaves the rules as others may know them', async () => {
  expect(await rulesIn({ role: 'owner' }, { isMaker: false })).toEqual([])
})
