import * as e2ee from '@conclave/e2ee'
import { bytesOf, call, chat, NOW, realtime } from './given.ts'
import type { Given } from './given.ts'
import { rowsOf } from './row.ts'
import type { Row } from './row.ts'

const text = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
const context = { roomId: 'r', messageId: 'm' }

/** `@conclave/e2ee`. */
export const e2eeRows = (g: Given): readonly Row[] =>
  rowsOf('@conclave/e2ee', {
    randomParticipantId: ['random', () => e2ee.randomParticipantId()],
    randomMessageId: ['random', () => e2ee.randomMessageId()],
    generateLinkSecret: ['random', () => e2ee.generateLinkSecret()],
    LinkSecret: ['', () => new e2ee.LinkSecret(new Uint8Array(48))],
    encodeLinkSecret: ['', () => e2ee.encodeLinkSecret(g.secret)],
    parseLinkSecret: ['', () => e2ee.parseLinkSecret('A'.repeat(64))],
    deriveLinkKeys: ['subtle Ed25519', () => e2ee.deriveLinkKeys(g.secret)],
    deriveRoomId: ['subtle', () => e2ee.deriveRoomId(bytesOf(1))],
    createAccessKey: ['subtle Ed25519', () => e2ee.createAccessKey(bytesOf(1))],
    'createAccessKey: sign': ['subtle Ed25519', () => g.link.access.sign(bytesOf(1))],
    decodeEnvelopeHeader: ['', () => e2ee.decodeEnvelopeHeader(g.message.bytes)],
    isE2eeError: ['', () => e2ee.isE2eeError(undefined)],
    toEpoch: ['', () => e2ee.toEpoch('epoch', 1)],
    isEventKeys: ['', () => e2ee.isEventKeys(g.ring)],
    createSealer: [
      'random',
      () => e2ee.createSealer({ keys: g.ring, room: g.link.room, unsafeSelf: g.alice }),
    ],
    'createSealer: seal': ['subtle', () => g.sealer.seal({ kind: 3 }, bytesOf(1))],
    'createSealer: open': [
      'random subtle',
      () => {
        const keys = g.link.keys
        return e2ee
          .createSealer({ keys, room: g.link.room, unsafeSelf: g.bob })
          .open(g.alice, g.message.bytes)
      },
    ],
    SharedKeySource: ['', () => new e2ee.SharedKeySource(bytesOf(1))],
    'SharedKeySource: export': [
      'subtle',
      () => new e2ee.SharedKeySource(bytesOf(1)).export('x', bytesOf(1), 16),
    ],
    BaseKeyProvider: ['', () => new (class extends e2ee.BaseKeyProvider {})({})],
    refuseClearFrames: ['', () => e2ee.refuseClearFrames({})],
    SharedKeyProvider: ['', () => new e2ee.SharedKeyProvider().setKey(bytesOf(1))],
    ParticipantKeyProvider: [
      '',
      () => new e2ee.ParticipantKeyProvider(g.alice).setKey(g.bob, bytesOf(1)),
    ],
    ParticipantKeySource: ['random', () => new e2ee.ParticipantKeySource(g.alice)],
    'ParticipantKeySource: without a key': [
      '',
      () => new e2ee.ParticipantKeySource(g.alice, { generate: false }),
    ],
    'ParticipantKeySource: grantWithPast': ['', () => g.own.grantWithPast()],
    'ParticipantKeySource: rotate': ['random', () => g.own.rotate()],
    'ParticipantKeySource: prepareRotation': ['random', () => g.own.prepareRotation()],
    'ParticipantKeySource: ratchet': [
      'subtle',
      async () => {
        const own = new e2ee.ParticipantKeySource(g.alice, { generate: false })
        own.setOwnKey(bytesOf(1), 0n)
        await own.ratchet()
      },
    ],
    'ParticipantKeySource: export': ['subtle', () => g.own.export('x', bytesOf(1), 16)],
    ParticipantKeyGrant: ['', () => g.own.grantWithPast()],
    encodeParticipantKeyGrant: ['', () => e2ee.encodeParticipantKeyGrant(g.own.grantWithPast())],
    decodeParticipantKeyGrant: ['', () => e2ee.decodeParticipantKeyGrant(bytesOf(1))],
    ratchetSharedKey: ['subtle', () => e2ee.ratchetSharedKey(new e2ee.SharedKeySource(bytesOf(1)))],
    generateAesGcmKey: ['subtle', () => e2ee.generateAesGcmKey()],
    exportAesGcmKeyToBase64: ['subtle', () => e2ee.exportAesGcmKeyToBase64(g.key)],
    importAesGcmKeyFromBase64: ['subtle', () => e2ee.importAesGcmKeyFromBase64(text)],
    keyedChannelId: ['subtle', () => e2ee.keyedChannelId('name', g.key)],
    'keyedChannelId: keyring': ['subtle', () => e2ee.keyedChannelId('name', g.ring)],
    EventCounter: ['random', () => new e2ee.EventCounter({ now: NOW })],
    'EventCounter: take': ['', () => g.counter.take()],
    decodeEventHeader: ['', () => e2ee.decodeEventHeader(g.envelope)],
    envelopeToBinary: ['', () => e2ee.envelopeToBinary(g.envelope)],
    envelopeToJson: ['', () => e2ee.envelopeToJson(g.binary)],
    encryptChatJson: ['random subtle', () => e2ee.encryptChatJson(1, freshKeyring(), context)],
    decryptChatJson: ['subtle', () => e2ee.decryptChatJson(g.envelope, g.key, context)],
    encryptCallSignalJson: [
      'random subtle',
      () => e2ee.encryptCallSignalJson(1, freshKeyring(), call),
    ],
    decryptCallSignalJson: [
      'subtle',
      () => e2ee.decryptCallSignalJson(g.callEnvelope, g.key, call),
    ],
    encryptRealtimeJson: [
      'random subtle',
      () => e2ee.encryptRealtimeJson(1, freshKeyring(), realtime),
    ],
    decryptRealtimeJson: [
      'subtle',
      () => e2ee.decryptRealtimeJson(g.realtimeEnvelope, g.key, realtime),
    ],
    Keyring: ['', () => freshKeyring()],
    'Keyring: export': ['subtle', () => freshKeyring().export('x', bytesOf(1), 16)],
    openEvent: ['subtle', () => e2ee.openEvent(g.envelope, g.key, chat)],
    'openEvent: verifier': [
      'subtle Ed25519',
      () => {
        const directory = g.newDirectory()
        return e2ee.openEvent(g.signed, g.key, { ...chat, verifier: directory })
      },
    ],
    'openEvent: replay': [
      'subtle',
      () => e2ee.openEvent(g.numbered, g.key, { ...chat, replay: g.guard() }),
    ],
    padmeLength: ['', () => e2ee.padmeLength(100)],
    padBytes: ['', () => e2ee.padBytes(new Uint8Array(3))],
    unpadBytes: ['', () => e2ee.unpadBytes(new Uint8Array(3))],
    toPlainJson: ['', () => e2ee.toPlainJson({ a: 1 })],
    ReplayGuard: ['', () => new e2ee.ReplayGuard({ storage: 'none' })],
    sealEvent: ['random subtle', () => e2ee.sealEvent(1, freshKeyring(), chat)],
    'sealEvent: signer': [
      'random subtle Ed25519',
      () => e2ee.sealEvent(1, freshKeyring(), { ...chat, signer: g.signer }),
    ],
    sealEventBinary: [
      'random subtle',
      () => e2ee.sealEventBinary(bytesOf(1), freshKeyring(), chat),
    ],
  })

/** A key that draws no nonces ahead. */
const freshKeyring = (): e2ee.Keyring => {
  const ring = new e2ee.Keyring()
  ring.rotate({ keyId: 'k', epoch: 1, key: bytesOf(1) })
  return ring
}
