import {
  createAccessKey,
  encodeLinkSecret,
  encodeParticipantKeyGrant,
  Keyring,
  LinkSecret,
  ParticipantKeyGrant,
  ParticipantKeyProvider,
  ParticipantKeySource,
  SharedKeyProvider,
  SharedKeySource,
} from '@conclave/e2ee'
import {
  decodeSealedKeyHeader,
  importExchangeKeys,
  Invitation,
  sealKey,
} from '@conclave/e2ee/exchange'
import { importSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import { testEntries } from './byte-forms.ts'
import { participantIdOf, rootOf } from './fixtures.ts'

const [alice, bob] = [
  participantIdOf('AAAAAAAAAAAAAAAAAAAAAQ'),
  participantIdOf('AAAAAAAAAAAAAAAAAAAAAg'),
]
const [root, context] = [rootOf(3), rootOf(2)]

const ringOf = (key: Uint8Array): Keyring => {
  const ring = new Keyring()
  ring.rotate({ keyId: 'k', epoch: 1, key })
  return ring
}

const aliceKeys = await importExchangeKeys(rootOf(4))
const signing = await importSigningKeys(rootOf(6))
const exchange = { room: 'room', purpose: 'p', expiresAt: 1000 } as const

testEntries(
  {
    'the secret of a link': {
      given: new Uint8Array([...root, ...root.slice(16)]),
      use: (given) => encodeLinkSecret(new LinkSecret(given)),
    },
    'the seed of an access key': {
      given: root,
      use: async (given) => (await createAccessKey(given)).sign(context),
    },
    'bytes that an access key signs': {
      given: root,
      use: async (given) => (await createAccessKey(root)).sign(given),
    },
    'a shared secret': {
      given: root,
      use: (given) => new SharedKeySource(given).export('x', context, 16),
    },
    'a shared secret that is set later': {
      given: root,
      use: (given) => {
        const keys = new SharedKeySource(context)
        keys.addKey(given, 7n)
        keys.setKey(given, 8n)
        return Promise.all([7n, 8n].map((epoch) => keys.export('x', context, 16, epoch)))
      },
    },
    'the context of an export': {
      given: context,
      use: (given) =>
        Promise.all(
          [new SharedKeySource(root), ringOf(root)].map((keys) => keys.export('x', given, 16)),
        ),
    },
    'a key that is set for all': {
      given: root,
      use: (given) => {
        const keys = new SharedKeyProvider()
        keys.setKey(given)
        return keys.export('x', context, 16)
      },
    },
    'a key that is set for a participant': {
      given: root,
      use: (given) => {
        const keys = new ParticipantKeyProvider(alice)
        keys.setKey(bob, given)
        return keys.export('x', context, 16, keys.epoch, bob).catch((error: Error) => error.message)
      },
    },
    "a participant's own key": {
      given: root,
      use: (given) => {
        const keys = new ParticipantKeySource(alice)
        keys.setOwnKey(given, 2n ** 40n)
        return keys.export('x', context, 16)
      },
    },
    'the secret of a grant': {
      given: root,
      use: (given) =>
        encodeParticipantKeyGrant(
          new ParticipantKeyGrant({ participant: alice, epoch: 1n, following: true }, given),
        ),
    },
    'the key of a keyring': {
      given: root,
      use: (given) => ringOf(given).export('x', context, 16),
    },
    'the seed of signing keys': {
      given: root,
      use: async (given) => (await importSigningKeys(given)).publicKey,
    },
    'the public key of a signer': {
      given: signing.publicKey,
      use: (given) => {
        const directory = new SignerDirectory()
        directory.add('alice', given)
        const kept = directory.keysOf('alice')
        directory.remove('alice', given)
        return [kept, directory.keysOf('alice')]
      },
    },
    'the secret of exchange keys': {
      given: root,
      use: async (given) => (await importExchangeKeys(given)).identity,
    },
    'the secret of an invitation': {
      given: root,
      use: (given) =>
        new Invitation(given, { inviter: aliceKeys.identity, ...exchange }).unsafeExport(),
    },
    'the public keys of an identity': {
      given: aliceKeys.identity.signingKey,
      use: async (given) => {
        const identity = { ...aliceKeys.identity, signingKey: given }
        const bytes = await sealKey(root, { ...exchange, from: aliceKeys, to: identity })
        return decodeSealedKeyHeader(bytes)?.to
      },
    },
  },
  'throw',
)
