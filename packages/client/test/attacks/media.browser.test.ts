/** Former members, members and servers against the media of whole rooms, in real pages. */
import { type KeySource, ParticipantKeySource } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { FrameCrypto } from '@conclave/media'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  MeshTransport,
  Room,
  type RoomOptions,
  createRoomLink,
  parseRoomLink,
} from '../../src/index.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { HostileSfu, SfuMedia, connect } from './hostile-sfu.ts'
import { movingPicture } from './moving-picture.ts'

let hub: LocalHub
let link: string
let transports: Map<string, LocalTransport>

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
  transports = new Map()
})

test('[R49, R52] T3, media.rekeyOnLeave: who left sees no frame that is sealed later, whatever the servers bring her', async () => {
  const sfu = new HostileSfu()
  const medias = new Map<string, SfuMedia>()
  const over = (context: Parameters<HostileSfu['transport']>[0]): SfuMedia => {
    const media = sfu.transport(context)
    medias.set(context.self, media)
    return media
  }
  const [alice, bob] = [await join('Alice', { media: over }), await join('Bob', { media: over })]
  const mallory = await join('Mallory', { media: over })
  await haveMet(alice, bob, mallory)
  await alice.publish(new MediaStream([movingPicture(320, 180)]))
  const decoded = async ({ self }: Room): Promise<number> =>
    medias.get(self.id)?.decoded(alice.self.id) ?? 0
  for (const room of [bob, mallory]) {
    await expect.poll(() => decoded(room)).toBeGreaterThan(10)
  }
  // The hub takes her out, and tells her nothing: she listens, and says nothing.
  for (const room of [alice, bob]) {
    transports
      .get(room.self.id)
      ?.tell('participantLeft', { participant: mallory.self.id, reason: 'left' })
  }
  await expect.poll(() => [namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  const atLeave = await decoded(mallory)
  const closed = (await medias.get(mallory.self.id)?.closed()) ?? 0
  await alice.chat.send('now that she is gone')
  await expect.poll(() => medias.get(mallory.self.id)?.closed()).toBeGreaterThan(closed + 40)
  const last = await decoded(mallory)
  // A few frames were on their way, or wait in the decoder.
  expect(last - atLeave).toBeLessThan(20)
  const seen = await decoded(bob)
  await expect.poll(() => decoded(bob)).toBeGreaterThan(seen + 20)
  expect(await decoded(mallory)).toBe(last)
  expect(mallory.chat.messages).toEqual([])
  expect(bob.chat.messages.map(({ text }) => text)).toEqual(['now that she is gone'])
  expect(mallory.participants.get(alice.self.id)?.tracks.get('camera')?.e2ee).not.toBe('ok')
})

test('[M10, M11, R18] T4: frames in clear, injected as those of somebody here, are shown nowhere', async () => {
  const medias: SfuMedia[] = []
  const [alice, bob] = [
    await join('Alice', { media: false }),
    await join('Bob', {
      media: (context) => {
        medias.push(new SfuMedia(context, () => {}))
        return medias[0] as SfuMedia
      },
    }),
  ]
  await haveMet(alice, bob)
  const [receiver] = medias
  if (receiver === undefined) throw new Error('expected media')
  await connect({ track: movingPicture(320, 180), from: alice.self.id, receiver })
  await expect.poll(() => receiver.closed()).toBeGreaterThan(20)
  expect(await receiver.decoded(alice.self.id)).toBe(0)
  expect(bob.participants.get(alice.self.id)?.tracks.get('camera')?.e2ee).not.toBe('ok')
})

describe('[R98] media.senderAuth: a member with the key of another', () => {
  test('[M11] over a mesh sends nothing in her name', async () => {
    const [alice, bob] = [await join('Alice', {}), await join('Bob', {})]
    await haveMet(alice, bob)
    let posing: ReturnType<typeof posingAs> | undefined
    const mallory = await join('Mallory', {
      media(context) {
        posing = posingAs(alice, { self: context.self, given: context.keys })
        return new MeshTransport({ ...context, keys: posing })
      },
    })
    await haveMet(alice, bob, mallory)
    await alice.publish(new MediaStream([movingPicture(320, 180)]))
    await expect.poll(() => trackOf(bob, alice)?.e2ee).toBe('ok')
    await expect.poll(() => posing?.canSeal).toBe(true)
    await mallory.publish(new MediaStream([movingPicture(320, 180)]))
    await expect.poll(() => trackOf(bob, mallory)?.e2ee).toMatch(/failed|waiting-key/)
    expect(trackOf(bob, alice)?.e2ee).toBe('ok')
  })

  test('over a server that brings all media sends in her name, as the fact says', async () => {
    const alice = await join('Alice', { media: false })
    let receiver: SfuMedia | undefined
    const media: RoomOptions['media'] = (context) => (receiver = new SfuMedia(context, () => {}))
    const bob = await join('Bob', { media })
    await haveMet(alice, bob)
    let posing: ReturnType<typeof posingAs> | undefined
    let room: RoomId | undefined
    const mallory = await join('Mallory', {
      media(context) {
        ;({ room } = context)
        posing = posingAs(alice, { self: alice.self.id, given: context.keys })
        return new SfuMedia(context, () => {})
      },
    })
    await haveMet(alice, bob, mallory)
    await alice.chat.send('so that everyone has her key')
    await expect.poll(() => posing?.canSeal).toBe(true)
    if (room === undefined || posing === undefined || receiver === undefined) {
      throw new Error('expected media')
    }
    const protector = new FrameCrypto({ room, self: alice.self.id, keys: posing })
    onTestFinished(() => protector.close())
    const victim = receiver
    await connect({
      track: movingPicture(320, 180),
      protector,
      from: alice.self.id,
      receiver: victim,
    })
    await expect.poll(() => victim.decoded(alice.self.id)).toBeGreaterThan(10)
    expect(bob.properties().media.senderAuth.holds).toBe('no')
  })
})

describe('[R134, R135, R136, M94, M95] signed media over a server that brings all of it', () => {
  test('stops a track with frames that a member sealed in the name of another, and says so; until then the real ones are shown', async () => {
    const sfu = new HostileSfu()
    let receiver: SfuMedia | undefined
    const alice = await join('Alice', { media: sfu.transport, signedMedia: true })
    const bob = await join('Bob', {
      media: (context) => (receiver = sfu.transport(context)),
      signedMedia: true,
    })
    await haveMet(alice, bob)
    expect(bob.participants.get(alice.self.id)?.signsMedia).toBe(true)
    expect(bob.properties().media.senderAuth).toEqual({
      holds: 'yes',
      because: ['signed-in-batches'],
    })
    await alice.publish(new MediaStream([movingPicture(320, 180)]))
    await expect.poll(() => receiver?.decoded(alice.self.id)).toBeGreaterThan(40)
    expect(trackOf(bob, alice)?.e2ee).toBe('ok')

    let posing: ReturnType<typeof posingAs> | undefined
    let room: RoomId | undefined
    const mallory = await join('Mallory', {
      media(context) {
        ;({ room } = context)
        posing = posingAs(alice, { self: alice.self.id, given: context.keys })
        return new SfuMedia(context, () => {})
      },
    })
    await haveMet(alice, bob, mallory)
    // She does not sign: everybody sees that.
    expect(bob.participants.get(mallory.self.id)?.signsMedia).toBe(false)
    expect(bob.properties().media.senderAuth.holds).toBe('no')
    await expect.poll(() => posing?.canSeal).toBe(true)
    const before = await receiver?.frames.stats()
    expect(before?.dropped['not-signed']).toBe(0)

    const reasons: (string | undefined)[] = []
    const problems: string[] = []
    bob.on('e2ee-state-change', ({ reason }) => reasons.push(reason))
    bob.on('problem', ({ code }) => problems.push(code))
    if (room === undefined || posing === undefined || receiver === undefined) {
      throw new Error('expected media')
    }
    const hers = await createSessionKeys()
    const session = {
      id: alice.self.id,
      signingKey: hers.signingKey,
      sign: (bytes: Uint8Array) => hers.sign(bytes),
    }
    const protector = new FrameCrypto({
      ...{ room, self: alice.self.id, keys: posing, signedMedia: { session } },
    })
    onTestFinished(() => protector.close())
    await connect({ track: movingPicture(320, 180), protector, from: alice.self.id, receiver })
    await expect.poll(() => problems, { timeout: 10_000 }).toEqual(['ERR_CLIENT_NOT_SIGNED'])
    expect(reasons).toContain('not-signed')
    expect(trackOf(bob, alice)?.e2ee).toBe('failed')
    expect(trackOf(bob, alice)?.track.enabled).toBe(false)
    const decoded = await receiver.decoded(alice.self.id)
    await expect
      .poll(async () => (await receiver?.frames.stats())?.dropped['not-signed'])
      .toBeGreaterThan(40)
    expect((await receiver.decoded(alice.self.id)) - decoded).toBeLessThan(20)
  })

  test('over a mesh, both ways: what is signed is shown', async () => {
    const [alice, bob] = [
      await join('Alice', { signedMedia: true }),
      await join('Bob', { signedMedia: true }),
    ]
    await haveMet(alice, bob)
    await alice.publish(new MediaStream([movingPicture(320, 180)]))
    await bob.publish(new MediaStream([movingPicture(320, 180)]))
    await expect.poll(() => trackOf(bob, alice)?.e2ee).toBe('ok')
    await expect.poll(() => trackOf(alice, bob)?.e2ee).toBe('ok')
    const opened = async (): Promise<number> => (await bob.stats()).media?.opened ?? 0
    const before = await opened()
    await expect.poll(opened).toBeGreaterThan(before + 80)
    for (const room of [alice, bob]) {
      const { media } = await room.stats()
      expect(media?.dropped['not-signed']).toBe(0)
      expect(room.properties().media.senderAuth).toEqual({
        holds: 'yes',
        because: ['connection-of-pair', 'signed-in-batches'],
      })
    }
    expect([trackOf(bob, alice)?.e2ee, trackOf(alice, bob)?.e2ee]).toEqual(['ok', 'ok'])
  })
})

async function join(name: string, options: RoomOptions): Promise<Room> {
  const opened = await parseRoomLink(link)
  if (opened.type === 'invalid') throw new Error(`expected a link, got ${opened.reason}`)
  const room = await Room.join(opened, {
    ...{ name, persons: false },
    transport(self) {
      const transport = hub.transport(self)
      transports.set(self, transport)
      return transport
    },
    ...options,
  })
  onTestFinished(async () => {
    await room.leave()
    opened.keys.close()
  })
  return room
}

async function haveMet(...rooms: readonly Room[]): Promise<void> {
  for (const room of rooms) await expect.poll(() => room.participants.size).toBe(rooms.length - 1)
}

/** Keys with which a member seals as `victim`, once she is given the victim's. */
function posingAs(
  victim: Room,
  { self, given }: { readonly self: ParticipantId; readonly given: KeySource },
): ParticipantKeySource & { canSeal?: boolean } {
  const own = given as ParticipantKeySource
  const posing: ParticipantKeySource & { canSeal?: boolean } = new ParticipantKeySource(self, {
    generate: false,
  })
  const take = own.setParticipantKey.bind(own)
  own.setParticipantKey = (of, grant) => {
    if (of === victim.self.id && posing.canSeal !== true) {
      posing.setOwnKey(grant.unsafeExport(), grant.epoch)
      posing.canSeal = true
    }
    return take(of, grant)
  }
  return posing
}

const namesIn = (room: Room): readonly string[] =>
  [...room.participants.values()].map(({ name }) => name)

const trackOf = (room: Room, { self }: Room) => room.participants.get(self.id)?.tracks.get('camera')
