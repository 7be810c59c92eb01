/** A manager on connections of an application that negotiates by itself. */
import { isE2eeError, randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { spawnFrameWorker } from '@conclave/media'
import { E2EEManager } from '@conclave/media/manager'
import type { E2EEManagerOptions } from '@conclave/media/manager'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { expect, onTestFinished, test } from 'vitest'
import { exchangeCandidates, negotiate, readStat, secret } from '../../support/call.ts'

const room = bytesToRoomId(new Uint8Array(16).fill(9)) as RoomId
const within = { timeout: 20_000, interval: 100 }

const managerOf = (options: Partial<E2EEManagerOptions> = {}): E2EEManager => {
  const keyProvider = new SharedKeySource(secret(1))
  const manager = new E2EEManager({ keyProvider, room, ...options })
  onTestFinished(() => manager.close())
  return manager
}

const connectionOf = (configuration?: RTCConfiguration): RTCPeerConnection => {
  const connection = new RTCPeerConnection(configuration)
  onTestFinished(() => connection.close())
  return connection
}

const camera = async (): Promise<MediaStream> => {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 240 },
  })
  onTestFinished(() => {
    for (const track of stream.getTracks()) track.stop()
  })
  return stream
}

const decoded = (connection: RTCPeerConnection): Promise<number> =>
  readStat(connection, { type: 'inbound-rtp', kind: 'video', name: 'framesDecoded' })

const sent = (connection: RTCPeerConnection): Promise<number> =>
  readStat(connection, { type: 'outbound-rtp', name: 'packetsSent' })

/** Two connections with their managers attached, not negotiated yet. */
const attachedPair = async (alice: E2EEManager, bob: E2EEManager) => {
  const [ours, theirs] = [
    connectionOf(alice.connectionConfig),
    connectionOf(bob.connectionConfig),
  ] as const
  exchangeCandidates(ours, theirs)
  const attached = Promise.all([
    alice.attach(ours, { peer: bob.self }),
    bob.attach(theirs, { peer: alice.self }),
  ])
  attached.catch(() => {})
  return { ours, theirs, attached }
}

test('[M65] a manager has the providers, is enabled, and refuses clear frames and what is no provider', () => {
  const { ExternalE2EEKeyProvider, ParticipantKeyProvider, SharedKeyProvider } = E2EEManager
  for (const Provider of [ExternalE2EEKeyProvider, ParticipantKeyProvider, SharedKeyProvider]) {
    const keyProvider = new Provider()
    expect(keyProvider).toBeInstanceOf(E2EEManager.BaseKeyProvider)
    expect(new E2EEManager({ keyProvider }).isEnabled).toBe(true)
    const clear = { discardFrameWhenCryptorNotReady: false }
    for (const wish of [
      () => new Provider(clear),
      () => new E2EEManager({ keyProvider, ...clear }),
    ]) {
      expect(wish).toThrow(
        expect.toSatisfy((error) => isE2eeError(error) && error.code === 'ERR_E2EE_CLEAR_FRAMES'),
      )
    }
  }
  for (const keyProvider of [undefined, null, {}, 'key']) {
    expect(() => new E2EEManager({ keyProvider: keyProvider as never })).toThrow(
      '"keyProvider" expected',
    )
  }
})

test('[M65] the id of the session is that of its participant keys', () => {
  const keyProvider = new E2EEManager.ParticipantKeyProvider()
  expect(managerOf({ keyProvider }).self).toBe(keyProvider.self)
  const self = randomParticipantId()
  expect(managerOf({ self }).self).toBe(self)
})

test('[M66] a connection that may send in clear is refused, with the reason and what to do', async () => {
  const manager = managerOf()
  const peer = randomParticipantId()
  const careless = connectionOf()
  const { sender, receiver } = careless.addTransceiver('video')
  const attempts = await Promise.allSettled([
    manager.attach(careless, { peer }),
    manager.attach(sender, { connection: careless, peer }),
    manager.attach(receiver, { connection: careless, peer }),
  ])
  // Engines without the older interface hold nothing back, and need no promise to.
  const matters = 'createEncodedStreams' in RTCRtpSender.prototype
  const refused = {
    status: 'rejected',
    reason: {
      code: 'ERR_MEDIA_CONNECTION',
      details: { reason: 'no-encoded-streams' },
      message: expect.stringContaining('connectionConfig'),
    },
  }
  const expected = matters ? refused : { status: 'fulfilled' }
  expect(attempts).toMatchObject([expected, expected, expected])
  expect(sender.transform === null).toBe(matters)
  const late = connectionOf(manager.connectionConfig)
  for (const track of (await camera()).getVideoTracks()) late.addTrack(track)
  const [busy] = late.getSenders()
  const hasTrack = { code: 'ERR_MEDIA_CONNECTION', details: { reason: 'has-track' } }
  await expect(manager.attach(late, { peer })).rejects.toMatchObject(hasTrack)
  await expect(
    manager.attach(busy as RTCRtpSender, { connection: late, peer }),
  ).rejects.toMatchObject(hasTrack)
  await expect(manager.attach(late, undefined as never)).rejects.toThrow('"peer" expected')
  await expect(
    new E2EEManager({ keyProvider: new SharedKeySource(secret(1)) }).attach(
      connectionOf(manager.connectionConfig),
      { peer },
    ),
  ).rejects.toThrow('"room" expected')
})

test('[M67] an application that adds tracks and negotiates by itself is heard and seen, both ways', async () => {
  const [alice, bob] = [managerOf(), managerOf()]
  const { ours, theirs, attached } = await attachedPair(alice, bob)
  const states: string[] = []
  bob.on('state', ({ label, state }) => states.push(`${label} ${state}`))
  for (const [connection, stream] of [
    [ours, await camera()],
    [theirs, await camera()],
  ] as const) {
    for (const track of stream.getTracks()) {
      const sender = connection.addTrack(track, stream)
      expect(sender.transform).not.toBeNull()
    }
  }
  await attached
  await negotiate(ours, theirs)
  for (const connection of [ours, theirs]) {
    await expect.poll(() => decoded(connection), within).toBeGreaterThan(10)
  }
  const { participants, dropped } = await bob.getStats()
  expect(participants.get(alice.self)?.opened).toBeGreaterThan(10)
  expect(participants.get(bob.self)?.sealed).toBeGreaterThan(10)
  expect(dropped).toMatchObject({ 'not-authentic': 0, malformed: 0, 'unsupported-codec': 0 })
  for (const state of [
    'camera DecryptionSuccess',
    'microphone DecryptionSuccess',
    'camera EncryptionSuccess',
    'microphone EncryptionSuccess',
  ]) {
    expect(states).toContain(state)
  }
  for (const [manager, connection] of [
    [alice, ours],
    [bob, theirs],
  ] as const) {
    connection.close()
    manager.release(connection)
  }
})

test('[M65, M67] without a key nothing is sent; when it comes, the held tracks go on', async () => {
  const keyProvider = new E2EEManager.ExternalE2EEKeyProvider()
  const alice = managerOf({ keyProvider })
  const bob = managerOf()
  const errors: string[] = []
  alice.on('error', ({ error }) => errors.push(error.code))
  const { ours, theirs, attached } = await attachedPair(alice, bob)
  const stream = await camera()
  const senders = stream.getTracks().map((track) => ours.addTrack(track, stream))
  await expect(attached).rejects.toMatchObject({ code: 'ERR_MEDIA_NO_KEY' })
  await negotiate(ours, theirs)
  await expect.poll(() => ours.connectionState, within).toBe('connected')
  expect(senders.map(({ track }) => track)).toEqual([null, null])
  expect(await sent(ours)).toBe(0)
  expect(errors).toContain('ERR_MEDIA_NO_KEY')
  // A mute while the track is held is kept.
  const [first, second] = senders
  const muted = first?.replaceTrack(null)
  await keyProvider.setSharedKey(secret(1))
  await muted
  await expect.poll(() => second?.track, within).not.toBeNull()
  expect(first?.track).toBeNull()
  await first?.replaceTrack(stream.getAudioTracks()[0] ?? null)
  await expect.poll(() => decoded(theirs), within).toBeGreaterThan(5)
})

test('[M67] where the worker does not start no track is ever on a sender, and the failure is told', async () => {
  const manager = managerOf({
    createWorker: () => new Worker('/no-such-worker.js', { type: 'module' }),
  })
  const failures: string[] = []
  manager.on('failed', ({ error }) => failures.push(error.code))
  manager.on('error', ({ error }) => failures.push(error.code))
  const connection = connectionOf(manager.connectionConfig)
  const attached = manager.attach(connection, { peer: randomParticipantId() })
  attached.catch(() => {})
  const stream = await camera()
  const senders = stream.getTracks().map((track) => connection.addTrack(track, stream))
  await expect(attached).rejects.toMatchObject({ code: 'ERR_MEDIA_WORKER_START' })
  for (const [index, sender] of senders.entries()) {
    await expect(sender.replaceTrack(stream.getTracks()[index] ?? null)).rejects.toMatchObject({
      code: 'ERR_MEDIA_WORKER_START',
    })
    expect(sender.track).toBeNull()
  }
  expect(new Set(failures)).toEqual(new Set(['ERR_MEDIA_WORKER_START']))
})

test('[M67, M30] a sender takes no track again after the worker failed', async () => {
  const workers: Worker[] = []
  const createWorker = (): Worker => {
    const worker = spawnFrameWorker()
    workers.push(worker)
    return worker
  }
  const manager = managerOf({ createWorker })
  const connection = connectionOf(manager.connectionConfig)
  const peer = randomParticipantId()
  await manager.attach(connection, { peer })
  const [track = null] = (await camera()).getVideoTracks()
  const { sender } = connection.addTransceiver(track ?? 'video')
  await sender.replaceTrack(track)
  expect(sender.track).toBe(track)
  const failed = new Promise((resolve) => manager.on('failed', resolve))
  workers[0]?.dispatchEvent(new Event('error'))
  await failed
  await expect.poll(() => sender.track).toBeNull()
  await expect(sender.replaceTrack(track)).rejects.toMatchObject({ code: 'ERR_MEDIA_UNPROTECTED' })
  const late = connection.addTransceiver(track ?? 'video')
  await expect(late.sender.replaceTrack(track)).rejects.toMatchObject({ name: 'MediaError' })
  expect([sender.track, late.sender.track]).toEqual([null, null])
})

test('[M67] a received track of nobody is disabled', async () => {
  const [alice, bob] = [managerOf(), managerOf()]
  const [ours, theirs] = [
    connectionOf(alice.connectionConfig),
    connectionOf(bob.connectionConfig),
  ] as const
  exchangeCandidates(ours, theirs)
  await alice.attach(ours, { peer: bob.self })
  await bob.attach(theirs, { peer: () => undefined })
  const told = new Promise((resolve) => bob.on('error', ({ error }) => resolve(error.code)))
  const arrived = new Promise<MediaStreamTrack>((resolve) => {
    theirs.addEventListener('track', ({ track }) => resolve(track), { once: true })
  })
  const stream = await camera()
  for (const track of stream.getVideoTracks()) ours.addTrack(track, stream)
  await negotiate(ours, theirs)
  expect(await told).toBe('ERR_MEDIA_ATTACH')
  await expect.poll(async () => (await arrived).enabled).toBe(false)
})

test('[M65] a sender and a receiver are protected by themselves, and a passphrase has its time', async () => {
  const words = 'pioneer velvet orbit magnet lunar satisfy'
  const kdf = { type: 'pbkdf2-sha256', iterations: 600_000 } as const
  const [alice, bob] = [0, 1].map(() => {
    const keyProvider = new E2EEManager.ExternalE2EEKeyProvider({ kdf })
    void keyProvider.setSharedKey(words)
    return managerOf({ keyProvider })
  }) as [E2EEManager, E2EEManager]
  const [ours, theirs] = [
    connectionOf(alice.connectionConfig),
    connectionOf(bob.connectionConfig),
  ] as const
  exchangeCandidates(ours, theirs)
  const transceiver = ours.addTransceiver('video', { direction: 'sendonly' })
  const label = 'screen'
  const place = { connection: ours, peer: bob.self, label }
  const isProtected = alice.attach(transceiver.sender, place)
  const vp8 = RTCRtpReceiver.getCapabilities('video')?.codecs.filter(({ mimeType }) =>
    /vp8/i.test(mimeType),
  )
  transceiver.setCodecPreferences(vp8 ?? [])
  theirs.addEventListener('track', ({ receiver }) => {
    void bob.attach(receiver, { connection: theirs, peer: alice.self, label })
  })
  await negotiate(ours, theirs)
  await isProtected
  await transceiver.sender.replaceTrack((await camera()).getVideoTracks()[0] ?? null)
  await expect.poll(() => decoded(theirs), within).toBeGreaterThan(5)
})

test('[M68] a manager attaches to a room with the keys of its provider, and to no other', async () => {
  const manager = managerOf()
  await manager.attach({ isE2EEEnabled: true, keys: manager.keyProvider })
  for (const other of [
    { isE2EEEnabled: true, keys: new SharedKeySource(secret(1)) },
    { isE2EEEnabled: false, keys: manager.keyProvider },
  ]) {
    await expect(manager.attach(other)).rejects.toThrow(TypeError)
  }
})
