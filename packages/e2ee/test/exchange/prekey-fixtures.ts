/** A sender, a receiver with prekeys, and the messages between them. */
import {
  choosePrekey,
  importExchangeKeys,
  openKey,
  PrekeyBook,
  sealKey,
} from '@conclave/e2ee/exchange'
import type {
  DroppedKey,
  OpenedKey,
  OpenKeyOptions,
  Prekey,
  SealKeyOptions,
} from '@conclave/e2ee/exchange'
import { rootOf } from '../fixtures.ts'
import type { TestStorage } from '../test-storage.ts'

export const NOW = Date.UTC(2026, 10, 21)
export const HOUR = 3_600_000
export const DAY: number = 24 * HOUR
export const [alice, bob, mallory] = [
  await importExchangeKeys(rootOf(1)),
  await importExchangeKeys(rootOf(2)),
  await importExchangeKeys(rootOf(3)),
]
export const times = { expiresAt: NOW + DAY, now: NOW }

export const openBook = (storage: TestStorage | 'none' = 'none'): PrekeyBook =>
  new PrekeyBook({ keys: bob, storage })

export async function choose(
  offers: readonly unknown[],
  whenNone: 'last-resort' | 'refuse' = 'refuse',
): Promise<Prekey> {
  const choice = await choosePrekey(offers, { of: bob.identity, now: NOW, whenNone })
  if (choice.type !== 'chosen') throw new Error(choice.reason)
  return choice.prekey
}

export const seal = (change: Partial<SealKeyOptions> = {}): Promise<Uint8Array<ArrayBuffer>> =>
  sealKey(rootOf(9), {
    ...{ from: alice, to: bob.identity, room: 'room-42', purpose: 'room key' },
    expiresAt: NOW + HOUR,
    ...change,
  })

/** Seals to a prekey, which the bytes offer. */
export const sealTo = async (
  offer: Uint8Array,
  change: Partial<SealKeyOptions> = {},
): Promise<Uint8Array<ArrayBuffer>> =>
  seal({ prekey: await choose([offer], 'last-resort'), ...change })

export const outcome = (opened: OpenedKey | DroppedKey): string =>
  opened.type === 'opened' ? opened.sealedTo : opened.reason

export const open = async (
  bytes: unknown,
  prekeys: PrekeyBook | undefined,
  change: Partial<OpenKeyOptions> = {},
): Promise<string> =>
  outcome(
    await openKey(bytes, {
      ...{ to: bob, from: alice.identity, room: 'room-42', purpose: 'room key', now: NOW },
      seen: 'none',
      ...(prekeys && { prekeys }),
      ...change,
    }),
  )
