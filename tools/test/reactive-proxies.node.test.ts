/**
 * Vue wraps the objects in `ref` and `reactive` in proxies, through which private fields cannot be read. It leaves
 * alone what says by `Symbol.toStringTag` that it is no plain object: every class of ours that an app can hold does.
 */
import {
  createSealer,
  encodeLinkSecret,
  EventCounter,
  generateAesGcmKey,
  generateLinkSecret,
  Keyring,
  openEvent,
  randomParticipantId,
  ReplayGuard,
  sealEvent,
  SharedKeySource,
} from '@conclave/e2ee'
import { createPassphraseKeySource, generatePassphrase, PBKDF2 } from '@conclave/e2ee/passphrase'
import { createRoomLink, Room } from '@conclave/client'
import { SecretBytes } from '@conclave/crypto'
import { LocalHub } from '@conclave/client/testing'
import { createMemoryStorage, createVault, generateRecoveryKey } from '@conclave/vault'
import { describe, expect, test } from 'vitest'
import { computed, isProxy, reactive, ref, shallowRef } from 'vue'
import { entries, importEntry } from './entries.ts'

/** Errors hold no private fields, and Vue knows them. Kinds of secrets name themselves in a field of each instance. */
const isClassWithState = (value: unknown): value is { name: string; prototype: object } =>
  typeof value === 'function' &&
  Function.prototype.toString.call(value).startsWith('class') &&
  !(value.prototype instanceof Error) &&
  !(value.prototype === SecretBytes.prototype || value.prototype instanceof SecretBytes)

/** The types of Vue take private fields away, which `shallowRef` and `markRaw` keep. */
const inReactive = <T extends object>(state: T): T => reactive(state) as T

test.each(entries)('Vue leaves the exported classes of $name alone', async (entry) => {
  const exported = await importEntry(entry)
  const wrapped = Object.values(exported)
    .filter(isClassWithState)
    .filter(({ prototype }) => isProxy(reactive(Object.create(prototype) as object)))
    .map(({ name }) => name)
  expect(wrapped).toEqual([])
})

describe('in reactive state', () => {
  const place = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
  const secret = new Uint8Array(32).fill(1)

  test('keys, counters and guards seal and open', async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: secret })
    const key = await generateAesGcmKey()
    const counter = new EventCounter({ now: 1_000_000_000_000 })
    const state = inReactive({ ring, key, guard: new ReplayGuard(), counter })
    const sealing = { ...place, sender: 'a', counter: state.counter }
    const envelope = await sealEvent({ n: 1 }, state.ring, sealing)
    const opened = await openEvent(envelope, state.ring, { ...place, replay: state.guard })
    expect(opened).toMatchObject({ type: 'opened', value: { n: 1 } })
    await expect(sealEvent(1, state.key, place)).resolves.toBeDefined()
  })

  test('sealers and key sources from factories do their work', async () => {
    const keys = ref(new SharedKeySource(secret))
    const self = randomParticipantId()
    const room = 'AAECAwQFBgcICQoLDA0ODw' as Parameters<typeof createSealer>[0]['room']
    const state = inReactive({ sealer: createSealer({ keys: keys.value, room, self }) })
    await expect(state.sealer.seal({ kind: 3 }, secret)).resolves.toBeDefined()
    const agreement = { room: 'r', kdf: PBKDF2 }
    const phrase = ref(await createPassphraseKeySource(generatePassphrase(), agreement))
    await expect(phrase.value.export('x', secret, 16)).resolves.toHaveLength(16)
  })

  test('the secret of a link is what it was', () => {
    const secretOfLink = generateLinkSecret()
    const state = inReactive({ secretOfLink })
    expect(encodeLinkSecret(state.secretOfLink)).toBe(encodeLinkSecret(secretOfLink))
  })

  test('a vault keeps and gives back', async () => {
    const storage = createMemoryStorage()
    const { recovery } = inReactive({ recovery: generateRecoveryKey() })
    const state = inReactive({ vault: await createVault({ storage, recovery }) })
    await state.vault.set('rooms/1', secret)
    expect(state.vault.get('rooms/1')).toEqual(secret)
  })

  test('a room sends, and its snapshot drives computed values', async () => {
    const hub = reactive({ hub: new LocalHub({ atOnce: true }) })
    const link = await createRoomLink('https://meet.example')
    const join = (name: string): Promise<Room> =>
      Room.join(link, { name, media: false, transport: (self) => hub.hub.transport(self) })
    const alice = ref(await join('Alice'))
    const bob = reactive({ room: await join('Bob') })
    const snapshot = shallowRef(alice.value.snapshot)
    const stop = alice.value.subscribe(() => {
      snapshot.value = alice.value.snapshot
    })
    const names = computed(() => [...snapshot.value.participants.values()].map(({ name }) => name))
    const texts = computed(() => snapshot.value.messages.map(({ text }) => text))
    await expect.poll(() => names.value).toEqual(['Bob'])
    await expect.poll(() => bob.room.participants.size).toBe(1)
    await bob.room.chat.send('hello')
    await expect.poll(() => texts.value).toEqual(['hello'])
    stop()
    await Promise.all([alice.value.leave(), bob.room.leave()])
  })
})
