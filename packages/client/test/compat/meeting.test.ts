import '../../../../tools/web-platform.ts'
import { randomParticipantId } from '@conclave/e2ee'
import { expect, onTestFinished, test } from 'vitest'
import {
  Conclave,
  E2EEManager,
  ParticipantKeyProvider,
  SharedKeyProvider,
} from '../../src/compat/index.ts'
import type { Meeting } from '../../src/compat/index.ts'
import { LocalHub } from '../../src/testing/index.ts'
import { TestMedia, TestTrack, asTrack } from '../support.ts'

const hubs = (): { readonly media: false; readonly transport: LocalHub['transport'] } => {
  const hub = new LocalHub({ atOnce: true })
  return { media: false, transport: hub.transport.bind(hub) }
}

const providerOf = (fill: number): SharedKeyProvider => {
  const provider = new SharedKeyProvider()
  provider.setKey(new Uint8Array(32).fill(fill))
  return provider
}

const meetingOf = (
  room: object,
  { fill = 1, meetingId = 'pbow-6vec-vahn', name = '' } = {},
): Meeting => {
  Conclave.setKeyProvider(providerOf(fill))
  const quiet = { micEnabled: false, webcamEnabled: false }
  const meeting = Conclave.initMeeting({ meetingId, name, room, ...quiet })
  onTestFinished(() => meeting.leave())
  return meeting
}

const namesIn = ({ participants }: Meeting): string[] =>
  Array.from(participants.values(), ({ displayName }) => displayName)

test('[R131] a name and a key bring people together; another key, or another name, shows nobody', async () => {
  const room = hubs()
  const alice = meetingOf(room, { name: 'Alice' })
  const bob = meetingOf(room, { name: 'Bob' })
  const mallory = meetingOf(room, { name: 'Mallory', fill: 2 })
  const carol = meetingOf(room, { name: 'Carol', meetingId: 'another' })
  const seen: string[] = []
  alice.on('participant-joined', ({ displayName }) => seen.push(displayName))
  alice.on('participant-left', ({ displayName }) => seen.push(`-${displayName}`))
  await Promise.all([alice, bob, mallory, carol].map((meeting) => meeting.join()))
  await expect.poll(() => [namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  expect(mallory.room?.id).toBe(alice.room?.id)
  expect(carol.room?.id).not.toBe(alice.room?.id)
  expect([namesIn(mallory), namesIn(carol)]).toEqual([[], []])
  const left = new Promise((resolve) => bob.on('meeting-left', resolve))
  await bob.leave()
  expect(await left).toEqual({ reason: 'left' })
  await expect.poll(() => seen).toEqual(['Bob', '-Bob'])
  await expect(bob.join()).resolves.toBe(bob)
  await expect(meetingOf(room).leave()).resolves.toBeUndefined()
})

test('[R131] a meeting that was left before it was joined is not joined, and a wrong name is refused', async () => {
  const left = meetingOf(hubs())
  await left.leave()
  await expect(left.join()).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
  for (const meetingId of ['', 'x'.repeat(1025), 7 as never]) {
    await expect(meetingOf(hubs(), { meetingId }).join()).rejects.toThrow('"meetingId" expected')
  }
})

test('[R132] there is no meeting without encryption, and nothing takes it away', async () => {
  for (const none of [undefined, null, false, {}]) {
    expect(() => Conclave.setKeyProvider(none as never)).toThrow('"keyProvider" expected')
  }
  const manager = new E2EEManager({ keyProvider: providerOf(1) })
  const clear = { modules: { e2ee: { enabled: false as never, manager } } }
  await expect(Conclave.init(clear)).rejects.toMatchObject({ code: 'ERR_E2EE_CLEAR_FRAMES' })
  for (const modules of [undefined, {}, { e2ee: { enabled: true } }] as never[]) {
    await expect(Conclave.init({ modules })).rejects.toThrow('"modules.e2ee')
  }
  const meeting = await Conclave.init({
    ...{ meetingId: 'x', room: hubs(), defaults: { audio: false, video: false } },
    modules: { e2ee: { enabled: true, manager } },
  })
  onTestFinished(() => meeting.leave())
  await meeting.join()
  expect(meeting.isE2EEEnabled).toBe(true)
  expect(meeting.room?.keys).toBe(manager.keyProvider)
  Conclave.setKeyProvider(providerOf(9))
  expect(meeting.room?.keys).toBe(manager.keyProvider)
  await expect(manager.attach({ isE2EEEnabled: true, keys: providerOf(1) })).rejects.toThrow(
    'joined with the keyProvider',
  )
})

test('[R132] participants’ keys serve one meeting', async () => {
  const keyProvider = new ParticipantKeyProvider()
  keyProvider.setOwnKey(new Uint8Array(32).fill(3), 0n)
  Conclave.setKeyProvider(keyProvider)
  const quiet = { meetingId: 'x', micEnabled: false, webcamEnabled: false, room: hubs() }
  const [first, second] = [Conclave.initMeeting(quiet), Conclave.initMeeting(quiet)]
  onTestFinished(() => first.leave())
  await first.join()
  expect(first.localParticipant.id).toBe(keyProvider.self)
  await expect(second.join()).rejects.toMatchObject({ details: { argument: 'keys' } })
})

test('[R133] a participant has the states of its media by kind, and its tracks', async () => {
  const { transport } = hubs()
  let media: TestMedia | undefined
  const alice = meetingOf({
    transport,
    media: (context: ConstructorParameters<typeof TestMedia>[0]) => {
      media = new TestMedia(context)
      return media
    },
  })
  const told: unknown[] = []
  alice.on('participant-joined', (participant) => {
    for (const type of ['e2ee-state-change', 'stream-enabled', 'stream-disabled'] as const) {
      participant.on(type, ({ kind, ...event }) =>
        told.push([type, kind, 'state' in event ? event.state : event.source]),
      )
    }
  })
  const own: unknown[] = []
  alice.localParticipant.on('e2ee-state-change', ({ kind, state }) => own.push([kind, state]))
  const bob = meetingOf({ transport, media: false })
  await Promise.all([alice.join(), bob.join()])
  await expect.poll(() => alice.participants.size).toBe(1)
  const [participant = randomParticipantId()] = alice.participants.keys()
  const track = asTrack(new TestTrack('video'))
  const place = { participant, source: 'camera', kind: 'video' } as const
  media?.emit('trackAdded', { ...place, track })
  media?.emit('e2eeStateChanged', { ...place, state: 'InvalidKey', reason: 'wrong-key' })
  media?.emit('e2eeStateChanged', { ...place, state: 'DecryptionSuccess' })
  const self = alice.localParticipant.id ?? participant
  media?.emit('e2eeStateChanged', { ...place, participant: self, state: 'EncryptionSuccess' })
  expect(told.filter((event) => String(event).startsWith('e2ee'))).toEqual([
    ['e2ee-state-change', 'video', 'InvalidKey'],
    ['e2ee-state-change', 'video', 'DecryptionSuccess'],
  ])
  expect(own).toEqual([['video', 'EncryptionSuccess']])
})
