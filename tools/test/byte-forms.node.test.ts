/** Entries of wire, vault and client that take bytes: bytes in any memory mean the same. e2ee has its own tests. */
import { textToBytes } from '@conclave/base'
import { Room } from '@conclave/client'
import type { Transport, TransportEvents } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { deriveLinkKeys, generateLinkSecret } from '@conclave/e2ee'
import {
  createMemoryStorage,
  createVault,
  generateRecoveryKey,
  inspectVault,
  openVault,
  restoreVault,
} from '@conclave/vault'
import type { VaultStorage } from '@conclave/vault'
import {
  bytesToParticipantId,
  bytesToRoomId,
  decodeClientMessage,
  decodeDataFrame,
  decodeMessageId,
  decodeServerMessage,
  encodeAccessProof,
  encodeDataFrame,
  encodeMessage,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
} from '@conclave/wire'
import { expect, test } from 'vitest'
import { memoriesOf, transferred } from '../../packages/e2ee/test/memory.ts'

const [id, participant, room] = [
  parseMessageId('AAECAwQFBgcICQoLDA0ODw'),
  parseParticipantId('AAECAwQFBgcICQoLDA0ODw'),
  parseRoomId('AAECAwQFBgcICQoLDA0ODw'),
]
if (!id || !participant || !room) throw new Error('unreachable: ids')
const payload = Uint8Array.from({ length: 300 }, (_, at) => at % 251)
const publish = { type: 'publish', channel: 7, id, to: undefined, payload } as const
const recovery = generateRecoveryKey()
const stored = createMemoryStorage()
const made = await createVault({ storage: stored, recovery, pin: 'none' })
await made.set('entry', payload)
const exported = made.export()
const credential = { type: 'recovery-key', key: recovery } as const

/** A storage that gives its bytes as a database of the application may. */
const storageOf = (bytes: Uint8Array): VaultStorage => ({
  ...createMemoryStorage(),
  read: async () => ({ bytes: bytes as Uint8Array<ArrayBuffer>, version: '1' }),
})

/** By entry: the bytes, its use, and what it makes of bytes that were transferred. */
const uses: Readonly<
  Record<
    string,
    readonly [
      given: Uint8Array,
      use: (given: Uint8Array<ArrayBuffer>) => unknown,
      ofTransferred: 'throws' | 'is undefined' | 'is a value',
    ]
  >
> = {
  'wire: a data frame': [
    encodeDataFrame(publish),
    (given) => {
      const frame = decodeDataFrame(given)
      return frame?.type === 'publish'
        ? { ...frame, payload: new Uint8Array(frame.payload) }
        : undefined
    },
    'is undefined',
  ],
  'wire: the payload of a data frame': [
    payload,
    (given) => encodeDataFrame({ ...publish, payload: given }),
    'throws',
  ],
  'wire: the message id of a frame': [encodeDataFrame(publish), decodeMessageId, 'is a value'],
  'wire: a message of a client': [
    textToBytes(encodeMessage({ type: 'leave', room })),
    decodeClientMessage,
    'is undefined',
  ],
  'wire: a message of a hub': [
    textToBytes(encodeMessage({ type: 'pong', id: 3 })),
    decodeServerMessage,
    'is undefined',
  ],
  'wire: a nonce': [
    payload.slice(0, 32),
    (nonce) => encodeAccessProof({ host: 'h', nonce, room, participant }),
    'throws',
  ],
  'wire: the bytes of ids': [
    payload.slice(0, 16),
    (given) => bytesToRoomId(given) && [bytesToRoomId(given), bytesToParticipantId(given)],
    'is undefined',
  ],
  'vault: an entry': [
    payload,
    async (given) => {
      const vault = await createVault({ storage: createMemoryStorage(), recovery, pin: 'none' })
      await vault.set('entry', given)
      return vault.get('entry')
    },
    'throws',
  ],
  'vault: an export that is inspected': [exported, inspectVault, 'is undefined'],
  'vault: an export that is restored': [
    exported,
    async (bytes) => {
      const storage = createMemoryStorage()
      return (await restoreVault({ storage, bytes, with: credential, pin: 'none' })).get('entry')
    },
    'throws',
  ],
  'vault: bytes of a storage': [
    exported,
    async (bytes) =>
      (await openVault({ storage: storageOf(bytes), with: credential, pin: 'none' })).get('entry'),
    'throws',
  ],
}

for (const [name, [given, use, ofTransferred]] of Object.entries(uses)) {
  test(`[P48] ${name} is taken from any memory`, async () => {
    const expected = await use(new Uint8Array(given))
    expect(expected).toBeDefined()
    for (const [memory, bytes] of Object.entries(await memoriesOf(given))) {
      expect(await use(bytes), memory).toEqual(expected)
    }
    const outcome = Promise.resolve(transferred(given))
      .then(use)
      .then(
        (made) => (made === undefined ? 'is undefined' : 'is a value'),
        (error: Error) => error.name && 'throws',
      )
    expect(await outcome).toBe(ofTransferred)
  })
}

test('[P48] a room reads messages that its transport delivers in any memory', async () => {
  const kinds = Object.keys(await memoriesOf(payload))
  for (const memory of kinds) {
    const hub = new LocalHub({ atOnce: true })
    const { keys, access, room: of } = await deriveLinkKeys(generateLinkSecret())
    const join = (name: string): Promise<Room> =>
      Room.join(
        { room: of, keys, access, hub: (self) => inMemory(hub.transport(self), memory) },
        { name, media: false },
      )
    const [alice, bob] = [await join('Alice'), await join('Bob')]
    await expect.poll(() => alice.participants.size).toBe(1)
    await alice.chat.send(memory)
    await expect.poll(() => bob.chat.messages.map(({ text }) => text)).toEqual([memory])
    await Promise.all([alice.leave(), bob.leave()])
  }
})

/** The transport, with the payload of each message in this kind of memory. */
const inMemory = (transport: Transport, memory: string): Transport => {
  const on = transport.on.bind(transport)
  return Object.assign(transport, {
    on: (type: 'message', handler: (event: TransportEvents['message']) => void) =>
      on(type, (event) => {
        if (type !== 'message') return handler(event)
        void memoriesOf(event.payload).then((made) => {
          const { [memory]: payload } = made
          if (payload) handler({ ...event, payload })
        })
      }),
  })
}
