import { openVault } from '@conclave/vault'
import type { Vault, VaultPin, VaultStorage } from '@conclave/vault'
import { createSoftwarePasskeys } from '@conclave/vault/testing'
import { describe, expect, test } from 'vitest'
import {
  codeOf,
  failureOf,
  newVault,
  reopen,
  storageOf,
  storedBytes,
  textOf,
  utf8,
} from '../fixtures.ts'

const user = { name: 'alice', displayName: 'Alice' }

/**
 * Alice with a phone, a tablet that sleeps and a laptop that gets stolen with its vault open. The storage belongs to the
 * thief: the laptop goes on in its own branch, and the phone revokes it on the other.
 */
async function stolenLaptop() {
  const { vault: phone, ...place } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const passkey = await passkeys.register({ user })
  const { id } = await phone.addSlot({ type: 'passkey', passkey, label: 'laptop' })
  const { pin } = await reopen(place)
  const branch = await storageOf(await storedBytes(place.storage))
  const thief = await openVault({
    storage: branch,
    with: { type: 'passkey', passkeys },
    pin: 'none',
  })
  await phone.revoke([id], { entries: { 'rooms/42': utf8('new key') } })
  /** The tablet wakes up and opens what it is shown, with its pin from before. */
  const wake = (storage: VaultStorage, from: VaultPin = pin) =>
    openVault({ storage, with: { type: 'recovery-key', key: place.recovery }, pin: from })
  return { phone, place, thief, branch, wake }
}

/** Things that a thief may do in the branch, and what a tablet learns when it hears of the revocation there. */
const branches: readonly (readonly [
  title: string,
  outcome: 'later' | 'forked',
  act: (thief: Vault) => Promise<unknown>,
])[] = [
  ['stays as it was', 'later', async () => {}],
  [
    'goes on under the old master key',
    'later',
    async (thief) => {
      for (const value of ['1', '2', '3']) await thief.set('a', utf8(value))
    },
  ],
  ['is rotated by the thief', 'forked', (thief) => thief.rotate()],
  [
    'is rotated by the thief until its generation is ahead',
    'forked',
    async (thief) => {
      for (let count = 0; count < 3; count += 1) await thief.rotate()
    },
  ],
]

describe('a tablet that slept through a revocation', () => {
  test.each(branches)(
    '[V25, V29] stores nothing in a branch that %s, once it has heard of the revocation',
    async (_, outcome, act) => {
      const { phone, thief, branch, wake } = await stolenLaptop()
      await act(thief)
      const tablet = await wake(branch)
      const before = await storedBytes(branch)
      expect(await tablet.hear(phone.notice)).toBe(outcome)
      const reason = outcome === 'later' ? 'older' : 'other-history'
      for (const change of [
        () => tablet.set('rooms/43', utf8('secret of a new room')),
        () => tablet.update('rooms/43', () => utf8('secret of a new room')),
        () => tablet.rotate(),
        () => tablet.refresh(),
      ]) {
        const error = await failureOf(change)
        expect([error.code, error.details]).toEqual([
          'ERR_VAULT_ROLLED_BACK',
          expect.objectContaining({ reason }),
        ])
      }
      expect(await storedBytes(branch)).toEqual(before)

      // Not after a restart either, nor when the thief goes on.
      await thief.set('b', utf8('more'))
      await thief.rotate()
      expect(await codeOf(wake(branch, structuredClone(tablet.pin)))).toBe('ERR_VAULT_ROLLED_BACK')
      expect(await codeOf(tablet.set('rooms/43', utf8('secret')))).toBe('ERR_VAULT_ROLLED_BACK')
      await thief.refresh()
      expect(thief.get('rooms/43')).toBeUndefined()
    },
  )

  test('[V29] goes on where the storage shows it the revocation', async () => {
    const { phone, place, branch, wake } = await stolenLaptop()
    const views = { current: branch }
    const tablet = await wake({
      read: () => views.current.read(),
      write: (bytes, expected) => views.current.write(bytes, expected),
      remove: async () => {},
    })
    expect(await tablet.hear(phone.notice)).toBe('later')
    expect(tablet.pin.generation).toBe(2)
    views.current = place.storage
    await tablet.set('rooms/43', utf8('secret of a new room'))
    expect(textOf(tablet.get('rooms/42'))).toBe('new key')
    expect(await tablet.hear(phone.notice)).toBe('known')
    await phone.refresh()
    expect(textOf(phone.get('rooms/43'))).toBe('secret of a new room')
  })

  test('[V22] takes the branch when nothing tells it of the revocation', async () => {
    const { thief, branch, wake } = await stolenLaptop()
    await thief.rotate()
    const tablet = await wake(branch)
    await tablet.set('rooms/43', utf8('secret of a new room'))
    await thief.refresh()
    expect(textOf(thief.get('rooms/43'))).toBe('secret of a new room')
  })
})

test('[V29] devices of one vault know each other’s notices, in whatever order they hear them', async () => {
  const { vault, ...place } = await newVault()
  const other = await reopen(place)
  const notices = [vault.notice]
  for (let count = 0; count < 3; count += 1) {
    await vault.rotate()
    notices.push(vault.notice)
  }
  for (const notice of notices) expect(await vault.hear(notice)).toBe('known')
  expect(await other.hear(notices[2] ?? vault.notice)).toBe('later')
  expect(await other.hear(notices[1] ?? vault.notice)).toBe('later')
  expect(other.pin.generation).toBe(3)
  expect(await other.refresh()).toBe(true)
  expect([other.generation, other.pin.generation]).toEqual([4, 4])
  for (const notice of notices) expect(await other.hear(notice)).toBe('known')
})

test('[V29] a notice proves itself across 63 rotations, and nothing beyond', async () => {
  const { vault, ...place } = await newVault()
  const asleep = await reopen(place)
  for (let count = 0; count < 63; count += 1) await vault.rotate()
  expect(await asleep.hear(vault.notice)).toBe('later')
  const [later, newest] = [await reopen(place), asleep.pin]
  await vault.rotate()
  expect(vault.notice).toHaveLength(28 + 64 * 96)
  expect(await asleep.hear(vault.notice)).toBe('unknown')
  expect(asleep.pin).toEqual(newest)
  expect(await later.hear(vault.notice)).toBe('later')
})

test('[V29] a notice of another vault, with a changed byte, or signed by no one, changes nothing', async () => {
  const { vault, ...place } = await newVault()
  const asleep = await reopen(place)
  await vault.rotate()
  const { vault: other } = await newVault()
  await other.rotate()
  const { notice } = vault
  const changed = Array.from(notice, (_, at) =>
    notice.map((byte, index) => (index === at ? byte ^ 1 : byte)),
  )
  const unsigned = notice.slice()
  unsigned.fill(0, -64)
  const others = [other.notice, unsigned, notice.slice(1), notice.slice(0, -1), new Uint8Array()]
  const { pin } = asleep
  for (const each of [...others, Uint8Array.of(...notice, 0)]) {
    expect(await asleep.hear(each)).toBe('unknown')
  }
  // The first signature is that of no one (V21): its 64 bytes say nothing.
  for (const each of [...changed.slice(0, 60), ...changed.slice(124)]) {
    expect(await asleep.hear(each)).toBe('unknown')
  }
  expect(asleep.pin).toEqual(pin)
  await expect(asleep.hear('text' as never)).rejects.toThrow('"notice" expected Uint8Array')
})

test('[V14, V29] a notice holds no secret, name or label', async () => {
  const { vault } = await newVault()
  await vault.set('canary', utf8('canary'))
  expect(textOf(vault.notice)).not.toContain('canary')
  expect(vault.notice).toHaveLength(28 + 96)
})
