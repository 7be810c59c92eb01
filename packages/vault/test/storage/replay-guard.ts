import { EventCounter, generateAesGcmKey, openEvent, ReplayGuard, sealEvent } from '@conclave/e2ee'
import type { VaultStorage } from '@conclave/vault'
import { expect } from 'vitest'

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const

/** A guard keeps its replay state over a reload, in each of the vault's storages. */
export async function expectSeenAfterReload(reload: () => Promise<VaultStorage>): Promise<void> {
  const key = await generateAesGcmKey()
  const counter = new EventCounter({ now: 1_763_683_200_000 })
  const seal = (value: number): ReturnType<typeof sealEvent> =>
    sealEvent(value, key, { ...chat, sender: 'alice', counter })
  const [first, second, third] = [await seal(1), await seal(2), await seal(3)]
  const openIn = async (replay: ReplayGuard, envelope: unknown): Promise<unknown> => {
    const opened = await openEvent(envelope, key, { ...chat, replay })
    return opened.type === 'opened' ? opened.value : opened.reason
  }

  const before = new ReplayGuard({ storage: await reload() })
  expect(await Promise.all([openIn(before, first), openIn(before, third)])).toEqual([1, 3])
  expect(await openIn(before, first)).toBe('replay')

  const after = new ReplayGuard({ storage: await reload() })
  expect(await openIn(after, first)).toBe('replay')
  expect(await openIn(after, third)).toBe('replay')
  expect(await openIn(after, second)).toBe(2)
  expect(await openIn(new ReplayGuard({ storage: await reload() }), second)).toBe('replay')
}
