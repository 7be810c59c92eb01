import { createSealer, decodeEnvelopeHeader, SharedKeySource } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { openSession, outcome, rootOf, ROOM, sealText, utf8 } from '../fixtures.ts'

describe('two sealers of one session', () => {
  /** A page that was duplicated: the same id and keys, and counters that begin again. */
  const duplicate = (id: ReturnType<typeof openSession>['id'], keys: SharedKeySource) =>
    createSealer({ keys, room: ROOM, unsafeSelf: id })

  test('[P17] share no key, with one key source and with two', async () => {
    const alice = openSession()
    for (const keys of [alice.keys, new SharedKeySource(rootOf(1))]) {
      const twin = duplicate(alice.id, keys)
      const one = await sealText(alice, 'pay 10 to bob')
      const other = (await twin.seal({ kind: 3 }, utf8('pay 99 to eve'))).bytes
      // Under one key and nonce the two commitments, 16 zero bytes each, would be the same bytes.
      expect(one.subarray(28, 44)).not.toEqual(other.subarray(28, 44))
      expect(decodeEnvelopeHeader(one)?.salt).not.toEqual(decodeEnvelopeHeader(other)?.salt)
      twin.close()
    }
  })

  test('[P17] a receiver takes the messages of the first that it opened', async () => {
    const [alice, bob, carol] = [openSession(), openSession(), openSession()]
    const twin = duplicate(alice.id, new SharedKeySource(rootOf(1)))
    const [one, other] = [await sealText(alice, 'one'), await twin.seal({ kind: 3 }, utf8('other'))]
    expect(outcome(await bob.sealer.open(alice.id, one))).toBe('opened: one')
    expect(outcome(await bob.sealer.open(alice.id, other.bytes))).toBe('replay')
    const second = await twin.seal({ kind: 3 }, utf8('second'))
    expect(outcome(await bob.sealer.open(alice.id, second.bytes))).toBe('other-sealer')
    expect(outcome(await carol.sealer.open(alice.id, second.bytes))).toBe('opened: second')
    // It holds for direct messages as well.
    const direct = await sealText(alice, 'direct', carol.id)
    expect(outcome(await carol.sealer.open(alice.id, direct))).toBe('other-sealer')
  })

  test('[P17] of two opened at the same time one opens', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const twin = duplicate(alice.id, new SharedKeySource(rootOf(1)))
    await twin.seal({ kind: 3 }, utf8('zero'))
    const both = [await sealText(alice, 'one'), (await twin.seal({ kind: 3 }, utf8('other'))).bytes]
    const answers = await Promise.all(both.map((bytes) => bob.sealer.open(alice.id, bytes)))
    const outcomes = answers.map(outcome).toSorted()
    expect(outcomes).toEqual([expect.stringMatching(/^opened: (one|other)$/), 'other-sealer'])
  })

  test('[P17] a forged salt binds nothing', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'hello')
    const forged = bytes.with(20, (bytes[20] ?? 0) ^ 1)
    expect(outcome(await bob.sealer.open(alice.id, forged))).toBe('other-key')
    expect(outcome(await bob.sealer.open(alice.id, bytes))).toBe('opened: hello')
  })
})
