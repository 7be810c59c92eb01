/** Every call that takes a signal, aborted before and while it runs. spec K45 */
import { HubTransport, Room } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import {
  createAccessKey,
  deriveLinkKeys,
  generateLinkSecret,
  randomParticipantId,
  SharedKeySource,
} from '@conclave/e2ee'
import {
  createFileOpener,
  createFileSealer,
  openBytes,
  openFile,
  openFileRange,
  sealBytes,
  openGrowingFile,
  sealFile,
  sealGrowingFile,
} from '@conclave/e2ee/files'
import {
  createMemoryStorage,
  createPasskeyClient,
  createVault,
  generateRecoveryKey,
  openVault,
} from '@conclave/vault'
import { createSessionKeys } from '@conclave/e2ee/session'
import { createSoftwarePasskeys } from '@conclave/vault/testing'
import { expect, test } from 'vitest'

const bytes = new Uint8Array(10_000)
const { sealed, description } = await sealBytes(bytes)
const read = (stream: ReadableStream): Promise<unknown> => new Response(stream).bytes()
/** Gives nothing, until it is cancelled. */
const pending = (): ReadableStream<Uint8Array> => new ReadableStream({}, { highWaterMark: 0 })

const { room } = await deriveLinkKeys(generateLinkSecret())
const access = await createAccessKey(new Uint8Array(32).fill(1))
const self = randomParticipantId()
const keys = new SharedKeySource(new Uint8Array(32).fill(1))

/** A browser that asks the person, who does not answer, and ends the dialog when it is told. */
const ask = ({ signal }: { readonly signal?: AbortSignal }): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new DOMException('aborted', 'AbortError'))
    if (signal?.aborted === true) end()
    else signal?.addEventListener('abort', end)
  })
const credentials = { get: ask, create: ask } as unknown as CredentialsContainer
const rp = { id: 'example.org', name: 'Example' }
const passkeys = createPasskeyClient({ rp, credentials })
const user = { name: 'alice', displayName: 'Alice' }
const storage = createMemoryStorage()
const vault = await createVault({ storage, recovery: generateRecoveryKey(), pin: 'none' })
const software = createSoftwarePasskeys({ rpId: rp.id })
const passkey = await software.register({ user })
await vault.addSlot({ type: 'passkey', passkey: { ...passkey, output: passkey.output.slice() } })

/** Nobody answers. */
const hub = new LocalHub()
hub.connect = () => false
const session = await createSessionKeys()

const growing = sealGrowingFile(new Blob([bytes]).stream())

const calls: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  sealFile: (signal) => read(sealFile(pending(), { signal }).stream),
  'sealFile: description': (signal) => sealFile(pending(), { signal }).description,
  createFileSealer: (signal) => read(createFileSealer({ signal }).readable),
  sealBytes: (signal) => sealBytes(bytes, { signal }),
  sealGrowingFile: (signal) => read(sealGrowingFile(pending(), { signal }).stream),
  'sealGrowingFile: ended': (signal) => sealGrowingFile(pending(), { signal }).ended,
  openGrowingFile: (signal) => read(openGrowingFile(pending(), growing.key, { signal }).stream),
  'openGrowingFile: ended': (signal) => openGrowingFile(pending(), growing.key, { signal }).ended,
  openFile: (signal) => read(openFile(pending(), description, { signal })),
  createFileOpener: (signal) => read(createFileOpener(description, { signal }).readable),
  openFileRange: (signal) => read(openFileRange(() => pending(), description, { signal })),
  openBytes: (signal) => openBytes(pending(), description, { signal }),
  'passkeys.register': (signal) => passkeys.register({ user, signal }),
  'passkeys.evaluate': (signal) => passkeys.evaluate([passkey], { signal }),
  openVault: (signal) =>
    openVault({ storage, with: { type: 'passkey', passkeys, signal }, pin: 'none' }),
  'Room.join': (signal) =>
    Room.join({ room, keys, hub: (id) => hub.transport(id) }, { media: false, signal }),
  'HubTransport.open': (signal) =>
    new HubTransport({ url: 'ws://127.0.0.1:1/hub', room, session, access }).open({ signal }),
  'LocalTransport.open': (signal) => hub.transport(self).open({ signal }),
}

/** The reason, itself or as the cause of the package's code. */
const reasonOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.then(
    () => new Error('not aborted'),
    (thrown: unknown) => thrown,
  )
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  return code === 'ERR_CLIENT_ABORTED' ? cause : error
}

/** Node's ciphers work in the calling thread, so that bytes in memory are sealed before anything else gets a turn. */
const AT_ONCE = ['sealBytes']

test.each(Object.entries(calls))(
  '[K45] %s ends with the reason of its signal',
  async (name, call) => {
    const reason = new Error('the person went back')
    expect(await reasonOf(call(AbortSignal.abort(reason)))).toBe(reason)
    const aborter = new AbortController()
    const running = reasonOf(call(aborter.signal))
    if (!AT_ONCE.includes(name)) await new Promise((resolve) => setImmediate(resolve))
    aborter.abort(reason)
    expect(await running).toBe(reason)
  },
)

test('[K45] an aborted signal ends a call before it reads or asks anything', async () => {
  const signal = AbortSignal.abort()
  const untouched = new Proxy(storage, {
    get: (target, name) =>
      typeof Reflect.get(target, name) === 'function'
        ? () => {
            throw new Error('touched')
          }
        : undefined,
  })
  const never = (): never => {
    throw new Error('touched')
  }
  const source = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ pull: never }, { highWaterMark: 0 })
  const asking = createPasskeyClient({
    rp,
    credentials: { get: never, create: never } as unknown as CredentialsContainer,
  })
  const ended = [
    openVault({
      storage: untouched,
      with: { type: 'passkey', passkeys: asking, signal },
      pin: 'none',
    }),
    asking.register({ user, signal }),
    read(openFile(source(), description, { signal })),
    read(openFileRange(never, description, { signal })),
    read(sealFile(source(), { signal }).stream),
    openBytes(sealed, description, { signal }),
  ]
  for (const call of ended) expect(await reasonOf(call)).toBe(signal.reason)
})
