/** The facts that a room tells, and the thief for each condition that no other chapter's tests play. */
import { ParticipantKeySource, createSealer } from '@conclave/e2ee'
import { afterEach, describe, expect, test } from 'vitest'
import {
  Room,
  type RoomCondition,
  type RoomFact,
  type RoomOptions,
  type RoomProperties,
} from '../../src/index.ts'
import { decodeKeyBody } from '../../src/keys/key-body.ts'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { type GovernedRoom, governedRoom } from '../admission/governed-room.ts'
import { KeyedRoom, type Member, kindOf } from '../keys/keyed-room.ts'
import { ROOM, openUnverified, sessionParts } from '../messages/session-parts.ts'
import { TestMedia, haveMet, localRoom } from '../support.ts'

const yes = (because: RoomCondition): RoomFact => ({ holds: 'yes', because: [because] })
const no = (because: RoomCondition): RoomFact => ({ holds: 'no', because: [because] })
const ended: RoomFact = { holds: 'per-epoch', because: ['sessions-ended'] }
const pair = yes('keys-of-pair')

/** The table of R98. */
const TABLE: RoomProperties = {
  messages: {
    forwardSecrecy: ended,
    postCompromise: no('same-delivery-keys'),
    senderAuth: yes('signed-by-session'),
    rekeyOnLeave: yes('roster-shows-readers'),
    closedToNewcomers: yes('keys-from-now-on'),
    memberAuth: yes('ids-certify-keys'),
  },
  direct: {
    forwardSecrecy: yes('sessions-ended'),
    postCompromise: no('same-delivery-keys'),
    senderAuth: pair,
    rekeyOnLeave: pair,
    closedToNewcomers: pair,
    memberAuth: yes('ids-certify-keys'),
  },
  media: {
    forwardSecrecy: ended,
    postCompromise: no('same-delivery-keys'),
    senderAuth: no('granted-keys-seal'),
    rekeyOnLeave: yes('roster-shows-readers'),
    closedToNewcomers: yes('keys-from-now-on'),
    memberAuth: yes('ids-certify-keys'),
  },
  admission: no('link-admits'),
}

describe('[R97, R98] the facts', () => {
  let governed: GovernedRoom | undefined

  afterEach(() => governed?.leave())

  test('of a link room are those of the table, and follow its rule and its history', async () => {
    governed = await governedRoom()
    const room = await governed.joinAsOwner('alice')
    expect(room.properties()).toEqual(TABLE)
    await room.authority.setRule('ask')
    expect(room.properties()).toEqual({ ...TABLE, admission: yes('hosts-admit') })
    await room.authority.setRule('locked')
    expect(room.properties().admission).toEqual(yes('room-locked'))
    await room.authority.setHistory('call')
    const { messages, media } = room.properties()
    const repeated = no('members-repeat-chat')
    expect([messages.closedToNewcomers, messages.rekeyOnLeave]).toEqual([repeated, repeated])
    expect(media).toEqual(TABLE.media)
  })

  test('of media say that nobody sends in the name of another only where each has a connection', async () => {
    const { join, leave } = await localRoom()
    const room = await join('alice', {
      media: (context) => Object.assign(new TestMedia(context), { isDirect: true }),
    })
    expect(room.properties().media.senderAuth).toEqual(yes('connection-of-pair'))
    await leave()
  })

  test('of media say that it is signed where everybody signs, and the transport verifies', async () => {
    const { join, leave } = await localRoom()
    const media: RoomOptions['media'] = (context) =>
      Object.assign(new TestMedia(context), { verifiesSignatures: true })
    const alice = await join('alice', { media, signedMedia: true })
    const bob = await join('bob', { signedMedia: true })
    await haveMet([alice, bob])
    expect(alice.properties().media.senderAuth).toEqual(yes('signed-in-batches'))
    expect(bob.properties().media.senderAuth).toEqual(no('granted-keys-seal'))
    const carol = await join('carol', { media })
    await haveMet([alice, bob, carol])
    for (const room of [alice, carol]) {
      expect(room.properties().media.senderAuth).toEqual(no('granted-keys-seal'))
    }
    await leave()
  })

  test('are those of the keys where the application brings them', async () => {
    const { link, hub, leave } = await localRoom()
    const room = await Room.join(
      {
        ...link,
        keys: (self) => new ParticipantKeySource(self),
        hub: hub.transport.bind(hub),
      },
      { media: false },
    )
    const facts = room.keys.properties()
    const { messages, direct, media, admission } = room.properties()
    const brought = { ...facts, closedToNewcomers: no('application-keys') }
    expect([messages, direct, media]).toEqual([brought, brought, brought])
    expect(admission).toEqual(no('link-admits'))
    await room.leave()
    await leave()
  })
})

describe('[R98] a thief who recorded everything', () => {
  test('messages.forwardSecrecy, media.forwardSecrecy: opens what was said before with the keys of a pair that lives, and with the link and later keys nothing', async () => {
    const room = new KeyedRoom()
    const [alice, bob] = await room.meet(2)
    await alice.say('long ago')
    const recorded = room.lastOf(alice)
    const { bytes } = await keyMessage(room, { from: alice, to: bob })
    // Today's keys of the pair, out of the memory of a device.
    const today = bob.introductions.pairs.get(alice.self)
    if (today === undefined) throw new Error('expected a pair')
    const sealer = createSealer({ keys: today, room: ROOM, unsafeSelf: bob.self })
    const opened = await sealer.open(alice.self, bytes)
    const key = opened.type === 'opened' ? decodeKeyBody(opened.body) : undefined
    if (key === undefined) throw new Error('expected a key')
    const thief = await sessionParts()
    thief.ownKeys.setParticipantKey(alice.self, key.grant)
    expect(await openUnverified(thief, alice, recorded)).toBe('opened')
    const latecomer = await sessionParts()
    alice.ownKeys.rotate()
    latecomer.ownKeys.setParticipantKey(alice.self, alice.ownKeys.grantWithPast())
    expect(await openUnverified(latecomer, alice, recorded)).toBe('unknown-key')
  })

  test('direct.forwardSecrecy, messages.forwardSecrecy, media.forwardSecrecy: opens nothing when both sessions have ended', async () => {
    const room = new KeyedRoom()
    const [alice, bob] = await room.meet(2)
    await alice.say('long ago')
    const { bytes } = await keyMessage(room, { from: alice, to: bob })
    const pair = bob.introductions.pairs.get(alice.self)
    for (const { messages, introductions, session, ownKeys } of [alice, bob]) {
      messages.close()
      introductions.close()
      ownKeys.close()
      session.close()
    }
    // The thief has the devices with all that is left on them, and the link.
    expect([alice, bob].map(({ introductions }) => introductions.pairs.size)).toEqual([0, 0])
    await expect(
      bob.session.agree(alice.session.agreementKey, { salt: KEY, info: KEY }),
    ).rejects.toMatchObject({ code: 'ERR_E2EE_CLOSED' })
    for (const keys of [pair, bob.keys, alice.keys]) {
      if (keys === undefined) throw new Error('expected a pair')
      const sealer = createSealer({ keys, room: ROOM, unsafeSelf: bob.self })
      expect((await sealer.open(alice.self, bytes)).type).toBe('dropped')
    }
  })
})

describe('[R98] a thief of the keys of a pair', () => {
  test('messages.postCompromise, media.postCompromise, direct.postCompromise: has the next keys too', async () => {
    const room = new KeyedRoom()
    const [alice, bob, carol] = await room.meet(3)
    await alice.say('so that everyone has a key')
    const stolen = bob.introductions.pairs.get(alice.self)
    if (stolen === undefined) throw new Error('expected a pair')
    carol.transport.close()
    await alice.say('under a fresh key')
    const { bytes } = await keyMessage(room, { from: alice, to: bob })
    const thief = await sessionParts()
    const opened = await createSealer({ keys: stolen, room: ROOM, unsafeSelf: bob.self }).open(
      alice.self,
      bytes,
    )
    const key = opened.type === 'opened' ? decodeKeyBody(opened.body) : undefined
    if (key === undefined) throw new Error('expected a key')
    expect(key.grant.epoch).toBe(alice.ownKeys.epoch)
    thief.ownKeys.setParticipantKey(alice.self, key.grant)
    expect(await openUnverified(thief, alice, room.lastOf(alice))).toBe('opened')
  })
})

/** The newest message of a member that brought its key to another one, as the hub saw it. */
const keyMessage = async (
  room: KeyedRoom,
  { from, to }: { readonly from: Member; readonly to: Member },
): Promise<{ readonly bytes: Uint8Array }> => {
  const sent = room.hub.seen.findLast(
    (delivery) =>
      delivery.from === from.self &&
      delivery.to === to.self &&
      kindOf(delivery) === MESSAGE_KINDS.key,
  )
  if (sent === undefined) throw new Error('expected a key message')
  return { bytes: sent.payload }
}

const KEY = new Uint8Array(32)
