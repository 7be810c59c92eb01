/** Objects that the rows use, made while the platform was whole. */
import { textToBytes } from '@conclave/base'
import {
  createSealer,
  deriveLinkKeys,
  encryptCallSignalJson,
  encryptRealtimeJson,
  EventCounter,
  generateAesGcmKey,
  generateLinkSecret,
  Keyring,
  encodeLinkSecret,
  ParticipantKeySource,
  randomMessageId,
  randomParticipantId,
  ReplayGuard,
  sealEvent,
  sealEventBinary,
  SharedKeySource,
} from '@conclave/e2ee'
import {
  deriveOwnerFingerprint,
  encodeOwnerKeys,
  generateOwnerKeys,
  signHostStatement,
  signMove,
  signPolicy,
  verifyPolicy,
} from '@conclave/e2ee/authority'
import type { HostStatement, Policy } from '@conclave/e2ee/authority'
import {
  generateExchangeKeys,
  InvitationBook,
  PrekeyBook,
  requestInvitation,
  sealKey,
} from '@conclave/e2ee/exchange'
import {
  encodeFileDescription,
  sealBytes,
  sealFileDescription,
  sealGrowingFile,
} from '@conclave/e2ee/files'
import { ARGON2ID, createPassphraseKeySource, PBKDF2 } from '@conclave/e2ee/passphrase'
import {
  certifySession,
  createRoomCodeRound,
  createSessionKeys,
  sealIntroduction,
  signRoomMessage,
} from '@conclave/e2ee/session'
import { createSigner, generateSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import {
  generateAgreementPair,
  importExpandKey,
  importHkdfKey,
  importSigningSeed,
} from '@conclave/crypto'
import { createMemoryStorage, createVault, generateRecoveryKey } from '@conclave/vault'
import { createSoftwarePasskeys } from '@conclave/vault/testing'

/** 32 bytes, each of them `value`. */
export const bytesOf = (value: number, length = 32): Uint8Array<ArrayBuffer> =>
  new Uint8Array(length).fill(value)

export const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'
export const chat = { kind: 'chat', roomId: 'r', messageId: 'm', sender: 'alice' } as const
export const call = { callId: 'c', eventName: 'offer' }
export const realtime = { scope: 'channel', scopeId: 'c', eventName: 'e' } as const
export const NOW = 1_763_683_200_000

/** Makes them. */
export async function makeGiven() {
  const secret = generateLinkSecret()
  const link = await deriveLinkKeys(secret)
  const key = await generateAesGcmKey()
  const ring = new Keyring()
  ring.rotate({ keyId: 'k', epoch: 1, key: bytesOf(1) })
  const alice = randomParticipantId()
  const bob = randomParticipantId()
  const own = new ParticipantKeySource(alice)
  const sealer = createSealer({ keys: link.keys, room: link.room, unsafeSelf: alice })
  const message = await sealer.seal({ kind: 3 }, bytesOf(1))
  const signing = await generateSigningKeys()
  const directory = new SignerDirectory()
  directory.add('alice', signing.publicKey)
  const signer = createSigner(signing)
  const exchange = await generateExchangeKeys()
  const other = await generateExchangeKeys()
  const bookStorage = createMemoryStorage()
  const book = new InvitationBook({ keys: exchange, storage: bookStorage })
  const times = { now: NOW, expiresAt: NOW + 1000 }
  const { invitation } = await book.create({ room: 'r', ...times })
  const request = await requestInvitation(invitation, { keys: other, now: NOW })
  if (request.type !== 'request') throw new Error('no request')
  const invitations = createMemoryStorage()
  const open = await new InvitationBook({ keys: exchange, storage: invitations }).create({
    room: 'r',
    ...times,
  })
  const openRequest = await requestInvitation(open.invitation, { keys: other, now: NOW })
  const accepted = await book.accept(request.bytes, { now: NOW })
  if (accepted.type !== 'accepted') throw new Error('not accepted')
  const acceptedRecord = await bookStorage.read()
  const answered = await book.answer(bytesOf(5), { invitation: accepted.invitation, ...times })
  if (answered.type !== 'answered') throw new Error('not answered')
  const from = { from: exchange, expiresAt: NOW + 1000 }
  const [prekey] = await new PrekeyBook({ keys: exchange, storage: 'none' }).createOneTime({
    count: 1,
    ...times,
  })
  const storage = createMemoryStorage()
  const recovery = generateRecoveryKey()
  const vault = await createVault({ storage, recovery, pin: 'none' })
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const kdf = PBKDF2.type === 'pbkdf2-sha256' ? { ...PBKDF2, iterations: 600_000 } : PBKDF2
  const quick =
    ARGON2ID.type === 'argon2id' ? { ...ARGON2ID, iterations: 2, memoryKiB: 19_456 } : ARGON2ID
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: quick })
  const session = await createSessionKeys()
  const peer = await createSessionKeys()
  const toPeer = { root: link.keys, session, room: link.room, recipient: peer.id }
  const compared = { room: link.room, round: 1n, self: session, others: [peer] }
  const place = { room: link.room, kind: 3, sequence: 1n }
  const certified = { room: link.room, signingKey: session.signingKey }
  const certificate = await certifySession(signing, certified)
  const ownerKeys = await generateOwnerKeys({ exportable: true })
  const ownerText = encodeOwnerKeys(ownerKeys)
  const owned = { room: link.room, owner: await deriveOwnerFingerprint(ownerKeys.publicKey) }
  const policy: Policy = {
    ...{ number: 1, rule: 'ask', history: 'none', invitationEnded: false },
    ...{ hosts: [signing.publicKey], removed: [] },
  }
  const signedPolicy = await signPolicy(policy, { owner: ownerKeys, room: link.room })
  const verifiedPolicy = await verifyPolicy(signedPolicy, owned)
  if (verifiedPolicy.type !== 'policy') throw new Error('not verified')
  const hostAct: HostStatement = { act: 'admit', session: peer.id, number: 1 }
  const hostSigner = { room: link.room, signer: session, certificate }
  let epochs = 0n
  const file = await sealBytes(bytesOf(7))
  const growing = sealGrowingFile(new Blob([bytesOf(7)]).stream())
  const sealed = new Uint8Array(await new Response(growing.stream).arrayBuffer())
  const grown = { key: growing.key, sealed }
  return {
    ...{ secret, link, key, ring, alice, bob, own, sealer, message, signing, directory, signer },
    ...{ exchange, other, book, invitation, accepted, times, from, prekey },
    openRequest: openRequest.type === 'request' ? openRequest.bytes : bytesOf(0),
    ...{ storage, recovery, vault, passkeys, kdf, quick, file, grown },
    exported: vault.export(),
    messageId: randomMessageId(),
    counter: new EventCounter({ now: NOW }),
    linkText: encodeLinkSecret(secret),
    phrase: await createPassphraseKeySource(PASSPHRASE, { room: 'r', kdf }),
    envelope: await sealEvent({ a: 1 }, key, chat),
    callEnvelope: await encryptCallSignalJson(1, key, call),
    realtimeEnvelope: await encryptRealtimeJson(1, key, realtime),
    signed: await sealEvent({ a: 1 }, key, { ...chat, signer }),
    numbered: await sealEvent(1, key, { ...chat, counter: new EventCounter({ now: NOW }) }),
    newDirectory: () => {
      const fresh = new SignerDirectory()
      fresh.add('alice', signing.publicKey)
      return fresh
    },
    /** The book as it was before it accepted anything. */
    openBook: async () => {
      const storage = createMemoryStorage()
      await storage.write((await invitations.read())?.bytes ?? bytesOf(0), undefined)
      return new InvitationBook({ keys: exchange, storage })
    },
    /** A book whose invitation was accepted, and not answered. */
    acceptedBook: async () => {
      const storage = createMemoryStorage()
      await storage.write(acceptedRecord?.bytes ?? bytesOf(0), undefined)
      return new InvitationBook({ keys: exchange, storage })
    },
    nextEpoch: () => (epochs += 1n),
    guard: () => new ReplayGuard({ storage: 'none' }),
    binary: await sealEventBinary(bytesOf(1), key, chat),
    description: await sealFileDescription(file.description, key, chat),
    descriptionJson: encodeFileDescription(file.description),
    sealedKey: await sealKey(bytesOf(5), { ...from, to: other.identity, room: 'r', purpose: 'p' }),
    answer: answered.answer,
    ...{ session, place, certified, peer, toPeer, compared },
    atPeer: { root: link.keys, room: link.room, sender: session.id, self: peer.id },
    introduction: await sealIntroduction({ status: 'asks' }, toPeer),
    codeRound: await createRoomCodeRound(compared),
    lonelyRound: await createRoomCodeRound({ ...compared, others: [] }),
    certificate,
    ...{ ownerKeys, ownerText, owned, policy, signedPolicy, verifiedPolicy, hostAct, hostSigner },
    signedAct: await signHostStatement(hostAct, hostSigner),
    signedMove: await signMove(secret, { owner: ownerKeys, room: link.room }),
    signedMessage: await signRoomMessage(bytesOf(1), { session, ...place }),
    statement: textToBytes('conclave/1 ground\0'),
    agreement: await generateAgreementPair(),
    accessPair: await importSigningSeed(bytesOf(3)),
    hkdf: await importHkdfKey(bytesOf(1)),
    hmac: await importExpandKey(bytesOf(1)),
    shared: () => new SharedKeySource(bytesOf(1)),
  }
}

export type Given = Awaited<ReturnType<typeof makeGiven>>
