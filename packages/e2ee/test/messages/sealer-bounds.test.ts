import { createSealer, MAX_DERIVED_KEYS, MAX_PEERS, randomParticipantId } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import {
  ExportSpy,
  failureOf,
  openSession,
  openText,
  outcome,
  ROOM,
  rootOf,
  sealText,
  utf8,
} from '../fixtures.ts'

/** A receiver that counts derivations. */
function openCounted(
  limits: object,
): ReturnType<typeof openSession> & { readonly exports: () => number } {
  const base = openSession()
  const keys = new ExportSpy(rootOf(1))
  const sealer = createSealer({ keys, room: ROOM, unsafeSelf: base.id, limits })
  return { ...base, sealer, exports: () => keys.exports }
}

describe('bounds', () => {
  test('[P12] the bounds are those of the chapter', () => {
    expect([MAX_PEERS, MAX_DERIVED_KEYS]).toEqual([16_384, 512])
  })

  test('[P11] a flood of strangers takes no entry in the tables of senders and keys', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const receiver = openCounted({ maxPeers: 2 })
    expect(await openText(receiver, alice, await sealText(alice, 'a1'))).toBe('opened: a1')
    expect(await openText(receiver, bob, await sealText(bob, 'b1'))).toBe('opened: b1')
    const full = await sealText(alice, 'x')
    expect(outcome(await receiver.sealer.open(randomParticipantId(), full))).toBe(
      'too-many-senders',
    )

    const other = openCounted({ maxPeers: 3 })
    await openText(other, alice, await sealText(alice, 'a2'))
    await openText(other, bob, await sealText(bob, 'b2'))
    const forged = await sealText(alice, 'forged')
    const flood = Array.from({ length: MAX_DERIVED_KEYS + 1 }, () =>
      other.sealer.open(randomParticipantId(), forged),
    )
    const answers = await Promise.all(flood)
    expect(new Set(answers.map(outcome))).toEqual(new Set(['other-key']))
    const derived = other.exports()
    expect(await openText(other, alice, await sealText(alice, 'a3'))).toBe('opened: a3')
    expect(await openText(other, bob, await sealText(bob, 'b3'))).toBe('opened: b3')
    expect(other.exports()).toBe(derived)
    const third = openSession()
    expect(await openText(other, third, await sealText(third, 'c1'))).toBe('opened: c1')
  })

  test('[P12] a new sender beyond the bound is too-many-senders; known ones go on', async () => {
    const receiver = openCounted({ maxPeers: 2 })
    const senders = [openSession(), openSession(), openSession()]
    const answers = []
    for (const sender of senders) {
      answers.push(await openText(receiver, sender, await sealText(sender, 'hi')))
      receiver.sealer.forget(sender.id)
    }
    expect(answers).toEqual(['opened: hi', 'opened: hi', 'too-many-senders'])
    const [first = openSession(), , third = openSession()] = senders
    expect(await openText(receiver, first, await sealText(first, 'again'))).toBe('opened: again')
    receiver.sealer.expect(third.id, 'room', 0n)
    expect(await openText(receiver, third, await sealText(third, 'still'))).toBe('too-many-senders')
  })

  test('[P12] senders that authenticate at the same time keep the bound too', async () => {
    const receiver = openCounted({ maxPeers: 2 })
    const senders = Array.from({ length: 5 }, () => openSession())
    const messages = await Promise.all(senders.map((sender) => sealText(sender, 'hi')))
    const answers = await Promise.all(
      senders.map((sender, index) =>
        openText(receiver, sender, messages[index] ?? new Uint8Array()),
      ),
    )
    expect(answers.filter((answer) => answer === 'opened: hi')).toHaveLength(2)
    expect(answers.filter((answer) => answer === 'too-many-senders')).toHaveLength(3)
  })

  test('[P12] a new recipient beyond the bound is ERR_E2EE_TOO_MANY_PEERS, the room is not', async () => {
    const alice = openSession({ limits: { maxPeers: 1 } })
    const [bob, carol] = [openSession(), openSession()]
    await sealText(alice, 'one', bob.id)
    const error = await failureOf(sealText(alice, 'two', carol.id))
    expect(error).toMatchObject({ code: 'ERR_E2EE_TOO_MANY_PEERS', details: { maxPeers: 1 } })
    alice.sealer.forget(bob.id)
    expect((await failureOf(sealText(alice, 'two', carol.id))).code).toBe('ERR_E2EE_TOO_MANY_PEERS')
    await expect(sealText(alice, 'all')).resolves.toBeDefined()
    await expect(sealText(alice, 'one more', bob.id)).resolves.toBeDefined()
  })

  test('[P12] a key is derived once for a stream, also when messages come together', async () => {
    const receiver = openCounted({})
    const alice = openSession()
    const messages = await Promise.all(
      Array.from({ length: 30 }, (_, index) => sealText(alice, `${index}`)),
    )
    await Promise.all(messages.map((bytes) => openText(receiver, alice, bytes)))
    expect(receiver.exports()).toBe(1)
    await Promise.all(
      Array.from({ length: 30 }, () => receiver.sealer.seal({ kind: 3 }, utf8('x'))),
    )
    expect(receiver.exports()).toBe(2)
  })

  test('[P13] forgetting a peer drops the keys derived for it, and only those', async () => {
    const receiver = openCounted({})
    const [alice, bob] = [openSession(), openSession()]
    const say = async (session: typeof alice): Promise<string> =>
      openText(receiver, session, await sealText(session, 'hi'))
    await say(alice)
    await say(bob)
    await receiver.sealer.seal({ kind: 3, to: alice.id }, utf8('x'))
    expect(receiver.exports()).toBe(3)
    receiver.sealer.forget(alice.id)
    await say(bob)
    expect(receiver.exports()).toBe(3)
    expect(await say(alice)).toBe('opened: hi')
    await receiver.sealer.seal({ kind: 3, to: alice.id }, utf8('x'))
    expect(receiver.exports()).toBe(5)
  })
})
