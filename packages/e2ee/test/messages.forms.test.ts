import {
  createSealer,
  decodeEventHeader,
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  envelopeToJson,
  Keyring,
  openEvent,
  ParticipantKeySource,
  sealEvent,
  sealEventBinary,
  SharedKeySource,
} from '@conclave/e2ee'
import {
  choosePrekey,
  decodeSealedKeyHeader,
  importExchangeKeys,
  InvitationBook,
  openInvitationAnswer,
  openKey,
  PrekeyBook,
  requestInvitation,
  restoreExchangeKeys,
  sealKey,
} from '@conclave/e2ee/exchange'
import {
  createSigner,
  importSigningKeys,
  restoreSigningKeys,
  SignerDirectory,
} from '@conclave/e2ee/signing'
import { expect, test } from 'vitest'
import { testEntries } from './byte-forms.ts'
import { participantIdOf, ROOM, rootOf } from './fixtures.ts'
import { memoriesOf } from './memory.ts'

const [alice, bob] = [
  participantIdOf('AAAAAAAAAAAAAAAAAAAAAQ'),
  participantIdOf('AAAAAAAAAAAAAAAAAAAAAg'),
]
const chat = { kind: 'chat', roomId: 'room', messageId: 'message' } as const
const content = Uint8Array.from({ length: 9000 }, (_, at) => at % 251)
const root = rootOf(3)
const ring = new Keyring()
ring.rotate({ keyId: 'k', epoch: 1, key: root })
const [aliceKeys, bobKeys] = await Promise.all([
  importExchangeKeys(rootOf(4)),
  importExchangeKeys(rootOf(5)),
])
const signing = await importSigningKeys(rootOf(6))
const exchange = { room: 'room', purpose: 'p', expiresAt: 1000 } as const

const [prekey = root] = await new PrekeyBook({ keys: aliceKeys, storage: 'none' }).createOneTime({
  ...{ count: 1, now: 0, expiresAt: 1000 },
})

const sealerOf = (self: typeof alice): ReturnType<typeof createSealer> =>
  createSealer({ keys: new SharedKeySource(root), room: ROOM, unsafeSelf: self })

testEntries(
  {
    'bytes of an event': {
      given: content,
      use: async (given) =>
        openEvent(await sealEvent(given, ring, chat), ring, { ...chat, replay: 'none' }),
    },
    'bytes of a signed event': {
      given: content,
      use: async (given) => {
        const verifier = new SignerDirectory()
        verifier.add('alice', signing.publicKey)
        const options = { ...chat, sender: 'alice', signer: createSigner(signing) }
        return openEvent(await sealEventBinary(given, ring, options), ring, {
          ...chat,
          verifier,
          replay: 'none',
        })
      },
    },
    'the body of a message': {
      given: content,
      use: async (given) => {
        const { bytes } = await sealerOf(alice).seal({ kind: 3 }, given)
        return sealerOf(bob).open(alice, bytes)
      },
    },
    'a key that is sealed': {
      given: root,
      use: async (given) => {
        const bytes = await sealKey(given, { ...exchange, from: aliceKeys, to: bobKeys.identity })
        const opened = await openKey(bytes, {
          ...({
            room: 'room',
            purpose: 'p',
            now: 0,
            to: bobKeys,
            from: aliceKeys.identity,
            seen: 'none',
          } as const),
        })
        return opened.type === 'opened' && opened.key
      },
    },
  },
  'throw',
)

// Untrusted: the answer is a value, not an error.
testEntries(
  {
    'an event': {
      given: await sealEventBinary({ a: 1 }, ring, chat),
      use: async (given) => {
        const opened = await openEvent(given, ring, { ...chat, replay: 'none' })
        return opened.type === 'opened' ? [opened, envelopeToJson(given)] : undefined
      },
    },
    'the header of an event': {
      given: await sealEventBinary({ a: 1 }, ring, chat),
      use: (given) => decodeEventHeader(given),
    },
    'an encoded grant': {
      given: encodeParticipantKeyGrant(new ParticipantKeySource(alice).grantWithPast()),
      use: (given) => decodeParticipantKeyGrant(given)?.unsafeExport(),
    },
    'a sealed key': {
      given: await sealKey(root, { ...exchange, from: aliceKeys, to: bobKeys.identity }),
      use: async (given) => {
        const options = {
          room: 'room',
          purpose: 'p',
          now: 0,
          to: bobKeys,
          from: aliceKeys.identity,
          seen: 'none',
        } as const
        const opened = await openKey(given, options)
        return opened.type === 'opened' ? [opened, decodeSealedKeyHeader(given)] : undefined
      },
    },
    'a prekey': {
      given: prekey,
      use: async (given) => {
        const asked = { of: aliceKeys.identity, now: 0, whenNone: 'refuse' } as const
        const choice = await choosePrekey([given], asked)
        return choice.type === 'chosen' ? choice.prekey.expiresAt : undefined
      },
    },
    'stored public keys': {
      given: signing.publicKey,
      use: async (given) => {
        const restored = await restoreSigningKeys({ ...signing.toStored(), publicKey: given })
        const stored = aliceKeys.toStored()
        const of = { ...stored, signing: { ...stored.signing, publicKey: given } }
        const other = await restoreExchangeKeys(of)
        return restored && [restored.publicKey, other?.identity.signingKey]
      },
    },
  },
  'are undefined',
)

test('[P48] a request and the answer of an invitation are taken from any memory', async () => {
  const book = new InvitationBook({ keys: aliceKeys, storage: 'none' })
  const created = { room: 'room', expiresAt: 1000, now: 0 }
  for (const [memory] of Object.entries(await memoriesOf(root))) {
    const { invitation } = await book.create(created)
    const request = await requestInvitation(invitation, { keys: bobKeys, now: 0 })
    if (request.type !== 'request') throw new Error('expected a request')
    const asked = (await memoriesOf(request.bytes))[memory]
    const accepted = await book.accept(asked, { now: 0 })
    if (accepted.type !== 'accepted') throw new Error(`${memory}: ${accepted.type}`)
    const answering = { invitation: accepted.invitation, now: 0, expiresAt: 1000 }
    const answered = await book.answer(root, answering)
    if (answered.type !== 'answered') throw new Error(answered.reason)
    const { answer } = answered
    const given = (await memoriesOf(answer))[memory]
    const opened = await openInvitationAnswer(given, { invitation, to: bobKeys, now: 0 })
    expect(opened, memory).toMatchObject({ type: 'opened', key: root })
  }
})
