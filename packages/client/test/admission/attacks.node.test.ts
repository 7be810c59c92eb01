/** The statements of a room against its members, its newcomers and its hub. */
import { createSealer, deriveLinkKeys, parseLinkSecret } from '@conclave/e2ee'
import {
  generateOwnerKeys,
  signHostStatement,
  signMove,
  signPolicy,
  type Policy,
} from '@conclave/e2ee/authority'
import {
  certifySession,
  createSessionKeys,
  openIntroduction,
  sealIntroduction,
} from '@conclave/e2ee/session'
import { generateSigningKeys } from '@conclave/e2ee/signing'
import type { Delivery } from '@conclave/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeStatements } from '../../src/admission/statements-body.ts'
import { MESSAGE_KINDS, encodeBody } from '../../src/messages/bodies.ts'
import type { Room } from '../../src/index.ts'
import {
  type GovernedRoom,
  askingIn,
  governedRoom,
  messagesOf,
  namesIn,
  standingOf,
} from './governed-room.ts'

let place: GovernedRoom

beforeEach(async () => {
  place = await governedRoom()
})

afterEach(() => place.leave())

const haveMet = (...rooms: readonly Room[]): Promise<void> =>
  place.until(() => rooms.every((room) => room.participants.size === rooms.length - 1))

const policyOf = (number: number, change: Partial<Policy> = {}): Promise<Uint8Array<ArrayBuffer>> =>
  signPolicy(
    {
      ...{ number, rule: 'open', history: 'none', invitationEnded: false, hosts: [], removed: [] },
      ...change,
    },
    { owner: place.owner, room: place.link.room },
  )

/** A member whose program does what it likes: it repeats statements of its choice. */
const repeat = (
  from: Room,
  to: Room,
  statements: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> => {
  const body = encodeStatements({ state: 'A'.repeat(22), statements })
  return messagesOf(from).send(to.self.id, MESSAGE_KINDS.statements, body)
}

describe('[U6, R73] T3: old statements of the owner', () => {
  test('change nothing when a member repeats them', async () => {
    const alice = await place.joinAsOwner('Alice')
    const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
    await haveMet(alice, bob, mallory)
    const old = await policyOf(1)
    await alice.authority.setRule('locked')
    await place.until(() => bob.snapshot.authority.rule === 'locked')
    await repeat(mallory, bob, [old])
    const carol = await place.join('Carol')
    await place.until(() => standingOf(carol) === 'refused')
    await place.pass(5)
    expect([bob.snapshot.authority.rule, namesIn(bob)]).toEqual(['locked', ['Alice', 'Mallory']])
  })
})

test('[R71, R72] T3: a hub with split views brings a stranger to a newcomer only until a member answers', async () => {
  const alice = await place.joinAsOwner('Alice')
  await alice.authority.setRule('ask')
  let isSplit = true
  place.hub.rule = (delivery, deliver) => {
    const isOfAlice = [delivery.from, delivery.to].includes(alice.self.id)
    if (!isSplit || !isOfAlice) deliver(delivery)
  }
  const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
  // Nobody answers them: the room seems to be theirs.
  await place.until(() => namesIn(bob).join() === 'Mallory' && namesIn(mallory).join() === 'Bob')
  expect(namesIn(alice)).toEqual([])
  isSplit = false
  await place.until(() => askingIn(alice).length === 2)
  await alice.authority.admit(bob.self.id)
  await place.until(() => namesIn(bob).join() === 'Alice')
  await place.until(() => standingOf(mallory) === 'waiting')
  expect([namesIn(alice), namesIn(mallory)]).toEqual([['Bob'], []])
})

test('[U6] of two policies with one number all members obey the same one, and each shows the conflict', async () => {
  const alice = await place.joinAsOwner('Alice')
  const [bob, carol] = [await place.join('Bob'), await place.join('Carol')]
  await haveMet(alice, bob, carol)
  const [one, other] = [await policyOf(7, { history: 'call' }), await policyOf(7)]
  await repeat(alice, bob, [one])
  await repeat(alice, carol, [other])
  await place.until(() =>
    [alice, bob, carol].every((room) => room.snapshot.authority.isConflicting),
  )
  await place.pass(5)
  const histories = [alice, bob, carol].map((room) => room.snapshot.authority.history)
  expect(new Set(histories).size).toBe(1)
  await alice.authority.setRule('ask')
  await place.until(() => [bob, carol].every((room) => !room.snapshot.authority.isConflicting))
})

describe('[U10, R70] a member without a place', () => {
  test('admits and removes nobody, also by statements that it makes itself', async () => {
    const alice = await place.joinAsOwner('Alice')
    const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
    await haveMet(alice, bob, mallory)
    await alice.authority.setRule('ask')
    const carol = await place.join('Carol')
    await place.until(() => askingIn(bob).length === 1)
    const { room } = place.link
    const acts = await Promise.all(
      [place.owner.signingKeys, await generateSigningKeys()].flatMap((person, index) =>
        (['admit', 'remove'] as const).map(async (act) => {
          const signer = await createSessionKeys()
          const certificate = await certifySession(person, { room, signingKey: signer.signingKey })
          const session = act === 'admit' ? carol.self.id : bob.self.id
          const bytes = await signHostStatement(
            { act, session, number: 1 },
            { room, signer, certificate },
          )
          // The owner's key is not hers: what it would sign is damaged.
          return index === 0 ? bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) : bytes
        }),
      ),
    )
    await repeat(mallory, bob, acts)
    await repeat(mallory, alice, acts)
    await place.pass(5)
    expect([namesIn(alice), namesIn(bob), standingOf(carol)]).toEqual([
      ...[['Bob', 'Mallory'], ['Alice', 'Mallory'], 'waiting'],
    ])
  })
})

test('[R72] T3: a removed session with the link and the hub comes into no roster again, and gets nothing but introductions', async () => {
  const alice = await place.joinAsOwner('Alice')
  const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
  await haveMet(alice, bob, mallory)
  const before = messagesOf(mallory)
  await alice.authority.remove(mallory.self.id)
  await place.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  const at = place.hub.seen.length
  await before.send(bob.self.id, MESSAGE_KINDS.signal, encodeBody({ n: 1 })).catch(() => {})
  // The hub delivers again whatever she said, and brings her back.
  for (const delivery of place.hub.seen.slice(0, at)) {
    if (delivery.from === mallory.self.id) place.hub.invent(delivery)
  }
  for (const room of [alice, bob]) {
    place.transports.get(room.self.id)?.tell('participantJoined', { participant: mallory.self.id })
  }
  await place.pass(10)
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  const toHer = place.hub.seen.slice(at).filter(({ to }) => to === mallory.self.id)
  expect(toHer.every(({ payload }) => payload[0] === 3)).toBe(true)
})

test('[R72] T3, messages.rekeyOnLeave: everything that is said after a removal is closed to the removed session, also when the hub brings it and keeps the removal back', async () => {
  const alice = await place.joinAsOwner('Alice')
  const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
  await haveMet(alice, bob, mallory)
  await place.settle(alice.chat.send('before'))
  await place.until(() => [bob, mallory].every((room) => room.chat.messages.length === 1))
  // She never hears of it: her program goes on with all the keys that she had.
  let isKept = true
  place.hub.rule = (delivery, deliver) => {
    if (!isKept || delivery.to !== mallory.self.id) deliver(delivery)
  }
  await alice.authority.remove(mallory.self.id)
  await place.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  const at = place.hub.seen.length
  isKept = false
  await place.settle(alice.chat.send('after'))
  await place.settle(bob.chat.send('after, too'))
  for (const { from, payload } of place.hub.seen.slice(at)) {
    place.hub.invent({ from, to: mallory.self.id, payload })
  }
  await place.settle(mallory.chat.send('from outside').catch(() => {}))
  await place.until(() => [alice, bob].every((room) => room.chat.messages.length === 3))
  await place.pass(5)
  const texts = (room: Room): readonly string[] => room.chat.messages.map(({ text }) => text)
  expect(texts(alice).toSorted()).toEqual(['after', 'after, too', 'before'])
  expect(texts(bob).toSorted()).toEqual(['after', 'after, too', 'before'])
  expect(texts(mallory).filter((text) => text.startsWith('after'))).toEqual([])
})

test('[R72, R73] a hub that keeps a removal from one member cuts it off from nobody else who knows', async () => {
  const alice = await place.joinAsOwner('Alice')
  const [bob, carol] = [await place.join('Bob'), await place.join('Carol')]
  const mallory = await place.join('Mallory')
  await haveMet(alice, bob, carol, mallory)
  place.hub.rule = (delivery, deliver) => {
    if (delivery.from !== alice.self.id || delivery.to !== carol.self.id) deliver(delivery)
  }
  await alice.authority.remove(mallory.self.id)
  await place.until(() => namesIn(bob).join() === 'Alice,Carol')
  // Carol learns it from Bob.
  await place.until(() => !namesIn(carol).includes('Mallory'))
  expect(namesIn(carol)).toContain('Bob')
})

test('[R70, R71] a newcomer between two members that disagree is in with the one, and with the other once it knows', async () => {
  const alice = await place.joinAsOwner('Alice')
  const bob = await place.join('Bob')
  await haveMet(alice, bob)
  await alice.authority.setRule('ask')
  await place.until(() => bob.snapshot.authority.rule === 'ask')
  const carol = await place.join('Carol')
  await place.until(() => askingIn(alice).length === 1 && askingIn(bob).length === 1)
  const kept: Delivery[] = []
  // The hub keeps back what Bob could learn it from.
  place.hub.rule = (delivery, deliver) => {
    if (delivery.to === bob.self.id && delivery.payload[0] !== 3) kept.push(delivery)
    else deliver(delivery)
  }
  await alice.authority.admit(carol.self.id)
  await place.until(() => namesIn(carol).join() === 'Alice')
  await place.pass(10)
  expect([standingOf(carol), namesIn(bob), askingIn(bob)]).toEqual([
    ...['admitted', ['Alice'], ['Carol']],
  ])
  place.hub.rule = undefined
  for (const delivery of kept) place.hub.invent(delivery)
  await haveMet(alice, bob, carol)
  expect(askingIn(bob)).toEqual([])
})

test('[R70, R74] a flood of askers makes 64 entries and a bounded number of answers', async () => {
  const alice = await place.joinAsOwner('Alice')
  await alice.authority.setRule('ask')
  const root = place.link.keys
  const { room } = place.link
  const before = place.hub.seen.length
  for (let n = 0; n < 200; n += 1) {
    const session = await createSessionKeys()
    place.hub.connect(place.hub.transport(session.id))
    const given = { status: 'asks', wantsAnswer: true, name: `Asker ${n}` } as const
    const { bytes } = await sealIntroduction(given, {
      ...{ root, session, room, recipient: alice.self.id },
    })
    for (let again = 0; again < 3; again += 1) {
      place.hub.invent({ from: session.id, to: alice.self.id, payload: bytes })
    }
  }
  await place.until(() => askingIn(alice).length === 64)
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(alice.snapshot.authority.asking).toHaveLength(64)
  // 64 answers at once, and 16 a second.
  expect(place.hub.seen.length - before).toBeLessThanOrEqual(64 + 16 * 10)
  expect(namesIn(alice)).toEqual([])
})

describe('[R77, U17] T3: a new link', () => {
  test('reaches every member and nobody else, with the old link, the hub and all that it recorded', async () => {
    const alice = await place.joinAsOwner('Alice')
    const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
    await haveMet(alice, bob, mallory)
    await alice.authority.remove(mallory.self.id)
    await place.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
    const moved: string[] = []
    bob.on('moved', ({ path }) => moved.push(path))
    const owner = await generateOwnerKeys()
    const path = await alice.authority.newLink(owner)
    await place.until(() => moved.length === 1)
    expect(moved).toEqual([path])
    const [room, text] = path.slice(2).split('#')
    const secret = parseLinkSecret(text)
    if (secret === undefined) throw new Error('expected a secret')
    const next = await deriveLinkKeys(secret)
    expect([next.room, secret.ownerFingerprint.some((byte) => byte !== 0)]).toEqual([room, true])
    expect(next.room).not.toBe(place.link.room)
    // Whoever has the old link opens no message that was for one session.
    const raw = Buffer.from(secret.unsafeExport().slice(0, 32))
    for (const { from, to, payload } of place.hub.seen) {
      expect(Buffer.from(payload).includes(raw)).toBe(false)
      for (const keys of [place.link.keys]) {
        const self = createSealer({ keys, room: place.link.room, unsafeSelf: to })
        const opened = await self.open(from, payload)
        expect(opened.type === 'opened' ? opened.audience : 'room').toBe('room')
        const introduced = await openIntroduction(payload, {
          ...{ root: keys, room: place.link.room, sender: from, self: to },
        })
        expect(JSON.stringify(introduced)).not.toContain(text)
      }
    }
    // The old link lets nobody in.
    const carol = await place.join('Carol')
    await place.until(() => standingOf(carol) === 'refused')
    next.keys.close()
  })

  test('of somebody else, or repeated by a member, is not followed', async () => {
    const alice = await place.joinAsOwner('Alice')
    const [bob, mallory] = [await place.join('Bob'), await place.join('Mallory')]
    await haveMet(alice, bob, mallory)
    const moved: string[] = []
    bob.on('moved', ({ path }) => moved.push(path))
    const stranger = await generateOwnerKeys()
    const { secret, room } = place.link
    for (const owner of [stranger, place.owner]) {
      const statement = Buffer.from(await signMove(secret, { owner, room })).toString('base64url')
      await messagesOf(mallory).send(bob.self.id, MESSAGE_KINDS.move, encodeBody({ statement }))
    }
    await messagesOf(alice).send(bob.self.id, MESSAGE_KINDS.move, encodeBody({ statement: 'AAAA' }))
    await place.pass(3)
    expect(moved).toEqual([])
    await expect(alice.authority.newLink({} as never)).rejects.toThrow('"owner" expected')
    await expect(bob.authority.newLink(await generateOwnerKeys())).rejects.toMatchObject({
      code: 'ERR_CLIENT_NOT_PERMITTED',
    })
  })
})
