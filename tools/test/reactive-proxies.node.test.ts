/**
 * Vue wraps the objects in `ref` and `reactive` in proxies, through which private fields cannot be read. It leaves
 * alone what says by `Symbol.toStringTag` that it is no plain object: every class of ours that an app can hold does.
 * Svelte's `$state` and MobX's `observable` wrap plain objects and arrays only, and leave classes alone.
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
import { createRoomLink, parseRoomLink, Room } from '@conclave/client'
import type { RoomOptions } from '@conclave/client'
import { SecretBytes } from '@conclave/crypto'
import { LocalHub } from '@conclave/client/testing'
import { createMemoryStorage, createVault, generateRecoveryKey } from '@conclave/vault'
import { describe, expect, test } from 'vitest'
import { computed, isProxy, reactive, shallowRef } from 'vue'
import { deepProxy } from './deep-proxy.ts'
import { entries, importEntry } from './entries.ts'

/** Errors hold no private fields, and Vue knows them. Kinds of secrets name themselves in a field of each instance. */
const isClassWithState = (value: unknown): value is { name: string; prototype: object } =>
  typeof value === 'function' &&
  Function.prototype.toString.call(value).startsWith('class') &&
  !(value.prototype instanceof Error) &&
  !(value.prototype === SecretBytes.prototype || value.prototype instanceof SecretBytes)

/** By library, how its state holds an object. The types of Vue take private fields away, which `markRaw` keeps. */
const libraries: readonly (readonly [name: string, hold: <T extends object>(state: T) => T])[] = [
  ['Vue', <T extends object>(state: T) => reactive(state) as T],
  ['a deep proxy as of Svelte 5 and MobX', deepProxy],
]

test.each(entries)('Vue leaves the exported classes of $name alone', async (entry) => {
  const exported = await importEntry(entry)
  const wrapped = Object.values(exported)
    .filter(isClassWithState)
    .filter(({ prototype }) => isProxy(reactive(Object.create(prototype) as object)))
    .map(({ name }) => name)
  expect(wrapped).toEqual([])
})

describe.each(libraries)('in the state of %s', (_, hold) => {
  const place = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
  const secret = new Uint8Array(32).fill(1)

  test('keys, counters and guards seal and open', async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: secret })
    const key = await generateAesGcmKey()
    const counter = new EventCounter({ now: 1_000_000_000_000 })
    const state = hold({ ring, key, guard: new ReplayGuard({ storage: 'none' }), counter })
    const sealing = { ...place, sender: 'a', counter: state.counter }
    const { content } = hold({ content: { n: 1, list: [{ text: 'a' }] } })
    const envelope = await sealEvent(content, state.ring, hold(sealing))
    const opening = hold({ ...place, replay: state.guard })
    const opened = await openEvent(hold({ envelope }).envelope, state.ring, {
      ...opening,
      replay: 'none',
    })
    expect(opened).toMatchObject({ type: 'opened', value: { n: 1, list: [{ text: 'a' }] } })
    await expect(sealEvent(1, state.key, place)).resolves.toBeDefined()
  })

  test('sealers and key sources from factories do their work', async () => {
    const { keys } = hold({ keys: new SharedKeySource(secret) })
    const self = randomParticipantId()
    const room = 'AAECAwQFBgcICQoLDA0ODw' as Parameters<typeof createSealer>[0]['room']
    const state = hold({ sealer: createSealer({ keys, room, unsafeSelf: self }) })
    await expect(state.sealer.seal({ kind: 3 }, secret)).resolves.toBeDefined()
    const agreement = { room: 'r', kdf: PBKDF2 }
    const phrase = await createPassphraseKeySource(generatePassphrase(), agreement)
    await expect(hold({ phrase }).phrase.export('x', secret, 16)).resolves.toHaveLength(16)
  })

  test('the secret of a link is what it was', () => {
    const secretOfLink = generateLinkSecret()
    const state = hold({ secretOfLink })
    expect(encodeLinkSecret(state.secretOfLink)).toBe(encodeLinkSecret(secretOfLink))
  })

  test('a vault keeps and gives back', async () => {
    const { storage } = hold({ storage: createMemoryStorage() })
    const { recovery } = hold({ recovery: generateRecoveryKey() })
    const state = hold({ vault: await createVault({ storage, recovery, pin: 'none' }) })
    await state.vault.set('rooms/1', secret)
    expect(state.vault.get('rooms/1')).toEqual(secret)
  })

  test('a room sends, and its snapshot drives computed values', async () => {
    const { hub } = hold({ hub: new LocalHub({ atOnce: true }) })
    const { link } = hold({
      link: await parseRoomLink(await createRoomLink('https://meet.example')),
    })
    if (link.type === 'invalid') throw new Error(link.reason)
    const join = (name: string): Promise<Room> =>
      Room.join(
        link,
        hold<RoomOptions>({ name, media: false, transport: (self) => hub.transport(self) }),
      )
    const { alice } = hold({ alice: await join('Alice') })
    const { bob } = hold({ bob: await join('Bob') })
    const snapshot = shallowRef(alice.snapshot)
    const stop = alice.subscribe(() => {
      snapshot.value = alice.snapshot
    })
    const names = computed(() => [...snapshot.value.participants.values()].map(({ name }) => name))
    const texts = computed(() => snapshot.value.messages.map(({ text }) => text))
    await expect.poll(() => names.value).toEqual(['Bob'])
    await expect.poll(() => bob.participants.size).toBe(1)
    await bob.chat.send('hello')
    await expect.poll(() => texts.value).toEqual(['hello'])
    stop()
    await Promise.all([alice.leave(), bob.leave()])
  })
})
