import * as client from '@conclave/client'
import * as guarded from '@conclave/client/channels'
import * as compat from '@conclave/client/compat'
import { LocalHub } from '@conclave/client/testing'
import { VirtualClock } from '@conclave/base/testing'
import { Keyring, ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'
import * as media from '@conclave/media'
import { createLiveKitProfile, LiveKitKeys, spawnLiveKitWorker } from '@conclave/media/livekit'
import { E2EEManager } from '@conclave/media/manager'
import { NatsDriver } from '@conclave/driver-nats'
import * as p2p from '@conclave/p2p'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import * as channels from '@conclave/p2p/channels'
import * as plain from '@conclave/p2p/plain'
import { bytesOf } from './given.ts'
import type { Given } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

const origin = 'https://meet.example'

/** The packages with media, as far as they go outside of a page: none of them has WebRTC here. */
export const clientRows = (g: Given): readonly Row[] => {
  const { room, keys, access } = g.link
  const link = `${origin}/r/${room}#${g.linkText}`
  const driver = Object.assign(new MemoryDriver(), { sealed: true as const, id: g.alice })
  const peer = { driver: driver as unknown as p2p.SealedDriver, frames: {} as p2p.FrameProtector }
  const hub = { url: 'ws://127.0.0.1:9/hub', authorize: () => 'token', clock: new VirtualClock(0) }
  const [receivers, clock] = [['bob'], new VirtualClock(0)]
  const side = { self: g.alice, driver: peer.driver }
  const data = {
    seal: async (_: unknown, bytes: Uint8Array) => bytes,
    open: async (_: unknown, bytes: Uint8Array) => bytes,
  }
  const sideRoom = {
    ...{ sideMedia: () => side, on: () => () => {}, closed: new Promise(() => {}) },
  } as unknown as client.Room
  return [
    ...rowsOf('@conclave/p2p', {
      encodingLimits: ['', () => p2p.encodingLimits('screen', 'video', 1)],
      Mesh: ['', () => new p2p.Mesh({ ...peer, room, id: g.alice }).close()],
      Receiver: ['', () => new p2p.Receiver(peer)],
      Sender: ['', () => new p2p.Sender(peer)],
      decodeSignalMessage: ['', () => p2p.decodeSignalMessage({})],
      assertSealedDriver: ['', () => p2p.assertSealedDriver(peer.driver)],
      namespaceKey: [
        '',
        () => p2p.namespaceKey({ room, direction: 'to-sender', id: g.alice } as never),
      ],
      TypedEventTarget: ['', () => new p2p.TypedEventTarget()],
    }),
    ...rowsOf('@conclave/p2p/channels', {
      Receiver: ['', () => new channels.Receiver({ ...peer, data })],
      Sender: ['', () => new channels.Sender({ ...peer, data })],
    }),
    ...rowsOf('@conclave/p2p/plain', {
      Receiver: ['', () => new plain.Receiver({ driver, id: g.alice })],
      Sender: ['', () => new plain.Sender({ driver, id: g.alice })],
    }),
    ...rowsOf('@conclave/driver-nats', {
      NatsDriver: ['', () => new NatsDriver({ servers: 'wss://nats.example' })],
    }),
    ...rowsOf('@conclave/p2p/drivers/memory', {
      MemoryBus: ['', () => new MemoryBus()],
      MemoryDriver: ['', () => new MemoryDriver()],
    }),
    ...rowsOf('@conclave/p2p/drivers/broadcast-channel', {
      BroadcastChannelDriver: ['', () => new BroadcastChannelDriver('ground').close()],
    }),
    ...rowsOf('@conclave/media', {
      FrameCrypto: [
        'subtle ERR_MEDIA_UNSUPPORTED',
        () => new media.FrameCrypto({ keys, room, self: g.alice }),
      ],
      spawnFrameWorker: ['ERR_MEDIA_WORKER_START', () => media.spawnFrameWorker()],
      describeWorkerStart: [
        '',
        () =>
          media.describeWorkerStart(
            new media.MediaError('ERR_MEDIA_WORKER_START', {
              reason: 'policy',
              entry: '@conclave/media/worker',
            }),
          ),
      ],
      checkMediaSupport: ['', () => media.checkMediaSupport()],
      KeyRotation: [
        '',
        () => new media.KeyRotation({ switchKey() {}, retireEarlier() {} }, { receivers, clock }),
      ],
      rotateSharedKey: [
        '',
        () =>
          media.rotateSharedKey(
            new SharedKeySource(),
            { secret: bytesOf(3), epoch: 1n },
            { receivers, clock },
          ),
      ],
      rotateParticipantKey: [
        'random',
        () => media.rotateParticipantKey(new ParticipantKeySource(g.alice), { receivers, clock }),
      ],
    }),
    ...rowsOf('@conclave/media/manager', {
      E2EEManager: ['random', () => new E2EEManager({ keyProvider: keys })],
    }),
    ...rowsOf('@conclave/media/livekit', {
      LiveKitKeys: ['', () => new LiveKitKeys({ sharedKey: true })],
      'LiveKitKeys: setKey': [
        'subtle',
        () => new LiveKitKeys({ sharedKey: true }).setKey(new Uint8Array(32)),
      ],
      createLiveKitProfile: ['', () => createLiveKitProfile(new LiveKitKeys({ sharedKey: true }))],
      spawnLiveKitWorker: ['ERR_MEDIA_WORKER_START', () => spawnLiveKitWorker()],
    }),
    ...rowsOf('@conclave/client/compat', {
      BaseKeyProvider: ['', () => new (class extends compat.BaseKeyProvider {})({})],
      SharedKeyProvider: ['', () => new compat.SharedKeyProvider()],
      ExternalE2EEKeyProvider: ['', () => new compat.ExternalE2EEKeyProvider()],
      ParticipantKeyProvider: ['random', () => new compat.ParticipantKeyProvider()],
      generatePassphrase: ['random', () => compat.generatePassphrase()],
      E2EEManager: ['', () => new compat.E2EEManager({ keyProvider: keys, self: g.alice })],
    }),
    ...rowsOf('@conclave/client/channels', {
      ChannelMembers: ['', () => guarded.ChannelMembers],
      HubChannel: [
        'random',
        () =>
          guarded.connectHub(hub).channel('private-x', { keys: new Keyring(), sender: 'alice' }),
      ],
      HubClient: ['', () => guarded.connectHub(hub).close()],
      connectHub: ['', () => guarded.connectHub(hub)],
      createWakeSignals: ['', () => guarded.createWakeSignals({})],
      isClientError: ['', () => guarded.isClientError(undefined)],
    }),
    ...rowsOf('@conclave/client', {
      MeshTransport: [
        'subtle ERR_MEDIA_UNSUPPORTED',
        () => new client.MeshTransport({ room, self: g.alice, keys, driver: peer.driver } as never),
      ],
      HubTransport: [
        '',
        () =>
          new client.HubTransport({
            ...{ url: 'wss://meet.example/hub', room, session: g.session, access },
          }),
      ],
      driverTransport: ['', () => client.driverTransport(new MemoryDriver())],
      encrypted: ['', () => client.encrypted(new MemoryDriver(), { keys })],
      EncryptedDriver: ['', () => new client.EncryptedDriver(new MemoryDriver(), { keys })],
      Topic: ['', () => new client.Topic('x', { reliable: true, port: NO_TOPICS })],
      RoomDriver: ['', () => client.hubDriver(sideRoom)],
      hubDriver: ['', () => client.hubDriver(sideRoom)],
      createWakeSignals: ['', () => client.createWakeSignals({})],
      createRoomLink: ['random subtle Ed25519', () => client.createRoomLink(origin)],
      parseRoomLink: ['subtle Ed25519', () => client.parseRoomLink(link)],
      'parseRoomLink: no link': ['', () => client.parseRoomLink('x')],
      Room: [
        'ERR_CLIENT_UNSUPPORTED',
        () => client.Room.join({ room, keys, access, hub: 'wss://x/hub' }),
      ],
      'Room: with a link': ['ERR_CLIENT_UNSUPPORTED', () => client.Room.join(link)],
      'Room: without media': [
        'random subtle Ed25519 X25519',
        async () => {
          const hub = new LocalHub({ atOnce: true })
          const transport = (self: typeof g.alice) => hub.transport(self)
          await (await client.Room.join(link, { media: false, transport })).leave()
        },
      ],
      lookInside: [
        'random subtle Ed25519 X25519',
        async () => {
          const hub = new LocalHub({ atOnce: true })
          const transport = (self: typeof g.alice) => hub.transport(self)
          ;(await client.lookInside(link, { transport })).close()
        },
      ],
      generateOwnerKeys: ['random subtle Ed25519', () => client.generateOwnerKeys()],
      importOwnerKeys: ['subtle Ed25519', () => client.importOwnerKeys(new Uint8Array(32).fill(1))],
      restoreOwnerKeys: ['subtle Ed25519', () => client.restoreOwnerKeys(g.ownerKeys.toStored())],
      encodeOwnerKeys: ['', () => client.encodeOwnerKeys(g.ownerKeys)],
      decodeOwnerKeys: [
        'subtle Ed25519',
        () => client.decodeOwnerKeys(g.ownerText, { ownerFingerprint: g.owned.owner }),
      ],
      RoomLook: ['', () => client.RoomLook],
      pagePersonStorage: ['', () => client.pagePersonStorage()],
      Chat: ['', () => client.Chat],
      RoomControl: ['', () => client.RoomControl],
      RoomFiles: ['', () => client.RoomFiles],
      checkSupport: ['', () => client.checkSupport()],
    }),
  ]
}

/** The port of a topic that nobody else has. */
const NO_TOPICS = { participants: [], send: async () => [], request: async () => null, close() {} }
