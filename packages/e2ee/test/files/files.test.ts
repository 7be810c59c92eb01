import {
  envelopeToBinary,
  generateAesGcmKey,
  Keyring,
  openEvent,
  decodeEventHeader,
  sealEvent,
} from '@conclave/e2ee'
import {
  createFileOpener,
  createFileSealer,
  encodeFileDescription,
  FileDescription,
  MAX_FILE_CHUNKS,
  openBytes,
  openFile,
  openFileDescription,
  parseFileDescription,
  sealBytes,
  sealFile,
  sealFileDescription,
} from '@conclave/e2ee/files'
import type { FileSource, SealedFile } from '@conclave/e2ee/files'
import { describe, expect, test } from 'vitest'
import { SourceReader } from '../../src/files/source-reader.ts'
import { startSealing } from '../../src/files/seal-file.ts'
import {
  bytesOf,
  counting,
  describeSealed,
  firstDifference,
  readUntilFailure,
  streamOf,
} from './fixtures.ts'
import { bytesToHex, failureOf, flipBit, rootOf } from '../fixtures.ts'

const SMALL = { chunkSize: 4096 } as const
const content = counting(3, 20_000)

describe('sealing', () => {
  test('[F1] every sealing has its own key and id, also of the same bytes', async () => {
    const [one, other] = [await sealBytes(content), await sealBytes(content)]
    const [first, second] = [one, other].map(({ description }) => description.unsafeExport())
    expect(first?.key).toHaveLength(32)
    expect(first?.fileId).toHaveLength(16)
    expect(first?.key).not.toEqual(second?.key)
    expect(first?.fileId).not.toEqual(second?.fileId)
    expect(one.sealed.slice(56)).not.toEqual(other.sealed.slice(56))
    expect(await failureOf(openBytes(one.sealed, other.description))).toMatchObject({
      code: 'ERR_E2EE_OPEN_FAILED',
    })
  })

  test('[F4] a file of no bytes is authenticated too', async () => {
    const { sealed, description } = await sealBytes(new Uint8Array())
    expect(sealed).toHaveLength(56 + 16 + 32)
    expect(await openBytes(sealed, description)).toHaveLength(0)
    for (const changed of [sealed.slice(0, -1), sealed.slice(0, 56), flipBit(sealed, 60)]) {
      expect(await failureOf(openBytes(changed, description))).toMatchObject({
        code: 'ERR_E2EE_OPEN_FAILED',
      })
    }
  })

  test.each<[string, () => FileSource]>([
    ['bytes', () => content],
    ['a Blob', () => new Blob([content])],
    ['a File', () => new File([content], 'a.bin')],
    ['a stream', () => streamOf(content, [7, 5000, 0])],
    ['a stream of bytes for BYOB', () => new Blob([content]).stream()],
  ])('[F2] %s goes in and comes out, also through the pair of streams', async (_, source) => {
    const { stream, description } = sealFile(source(), SMALL)
    const sealed = await bytesOf(stream)
    const known = await description
    expect(sealed).toHaveLength(known.sealedSize)
    expect(firstDifference(await bytesOf(openFile(sealed, known)), content)).toBeUndefined()
    expect(firstDifference(await openBytes(new Blob([sealed]), known), content)).toBeUndefined()

    const sealer = createFileSealer(SMALL)
    const carried = await bytesOf(new Blob([content]).stream().pipeThrough(sealer))
    const opener = createFileOpener(await sealer.description)
    const opened = await bytesOf(streamOf(carried, [4000]).pipeThrough(opener))
    expect(firstDifference(opened, content)).toBeUndefined()
  })

  test('[F5] a file with more chunks than allowed is refused as soon as that is known', async () => {
    const size = MAX_FILE_CHUNKS * 4096 + 1
    const details = { byteLength: size, maxBytes: size - 1 }
    const never = new ReadableStream<Uint8Array>()
    expect(await failureOf(() => sealFile(never, { ...SMALL, size }))).toMatchObject({
      ...{ code: 'ERR_E2EE_TOO_LARGE', details },
    })
    expect(never.locked).toBe(false)
    // Without a size it shows when it is reached; here with another limit than 2^24.
    const { description } = await sealBytes(new Uint8Array(), SMALL)
    const parts = { ...description.unsafeExport(), size: undefined }
    const sealing = (length: number): SealedFile =>
      startSealing(new SourceReader(streamOf(counting(0, length), [1000])), {
        ...{ parts: { ...parts, key: new Uint8Array(32) }, options: {}, maxChunks: 2 },
      })
    const full = sealing(8192)
    expect((await readUntilFailure(full.stream)).code).toBeUndefined()
    expect((await full.description).size).toBe(8192)
    const over = sealing(8193)
    const { code, released } = await readUntilFailure(over.stream)
    expect(code).toBe('ERR_E2EE_TOO_LARGE')
    expect(released.length).toBeLessThanOrEqual(56 + 4112)
    expect(await failureOf(over.description)).toMatchObject({ code })
  })

  test('[F7] padded, files of one class are equally long', async () => {
    const lengths = new Set<number>()
    for (const size of [0, 1, 63]) {
      const { sealed } = await sealBytes(counting(0, size), { padding: 'padme' })
      lengths.add(sealed.length)
    }
    expect([...lengths]).toEqual([56 + 64 + 16 + 32])
    for (const size of [4095, 4096, 8191, 12_287, 12_288, 100_000]) {
      const { sealed, description } = await sealBytes(counting(0, size), {
        ...{ ...SMALL, padding: 'padme' },
      })
      expect(description).toMatchObject({ size, padded: true, sealedSize: sealed.length })
      const opened = await openBytes(streamOf(sealed, [3000]), description)
      expect(firstDifference(opened, counting(0, size))).toBeUndefined()
    }
  })
})

describe('the description', () => {
  const place = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const

  test('[F6] name and type are those of the File, or those that the caller gives', async () => {
    const file = new File([content], 'notes.txt', { type: 'text/plain' })
    const own = await describeSealed(sealFile(file))
    expect(own).toMatchObject({ name: 'notes.txt', type: 'text/plain', size: 20_000 })
    const said = await describeSealed(sealFile(file, { name: 'a', type: 'b/c' }))
    expect(said).toMatchObject({ name: 'a', type: 'b/c' })
    const odd = new File([content], 'a', { type: 'x'.repeat(256) })
    expect(await describeSealed(sealFile(odd))).toMatchObject({ name: 'a', type: undefined })
    const plain = await describeSealed(sealFile(new Blob([content])))
    expect(plain).toMatchObject({ name: undefined, type: undefined, chunkSize: 65_536 })
  })

  test('[F6] a description redacts its key', async () => {
    const { description } = await sealBytes(content, { name: 'secret plan' })
    const { key } = encodeFileDescription(description)
    for (const text of [JSON.stringify({ description }), String(description)]) {
      expect(text).not.toContain(key)
      expect(text).toContain('[FileDescription]')
    }
    expect(Object.values(description)).not.toContain(key)
  })

  test('[F6] a value of any other shape is no description', async () => {
    const good = encodeFileDescription((await sealBytes(content)).description)
    const throwing = new Proxy({}, { ownKeys: () => expect.unreachable() })
    const inherited: unknown = Object.create(good)
    const polluting: unknown = JSON.parse(
      JSON.stringify(good).replace('{', '{"__proto__":{"name":"x"},'),
    )
    const wrong = [undefined, 7, 7n, 'a', () => good, Symbol('a'), { ...good, name: 'a\ud800' }]
    for (const value of [...wrong, throwing, inherited, polluting, new Map(Object.entries(good))]) {
      expect(parseFileDescription(value)).toBeUndefined()
    }
    expect(parseFileDescription(good)).toBeInstanceOf(FileDescription)
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(parseFileDescription(proxy)).toBeUndefined()
  })

  test('[F8] it travels as a padded event under the key of the room, and opens as one does', async () => {
    const [alice, bob] = [new Keyring(), new Keyring()]
    const name = { keyId: 'room-42', epoch: 1n }
    alice.rotate({ ...name, key: rootOf(1) })
    const { sealed, description } = await sealBytes(content, { name: 'short' })
    const envelope = await sealFileDescription(description, alice, { ...place, sender: 'alice' })
    const carried: unknown = JSON.parse(JSON.stringify(envelope))
    const expected = { ...place, replay: 'none' } as const
    expect(await failureOf(openFileDescription(carried, bob, expected))).toMatchObject({
      ...{ code: 'ERR_E2EE_UNKNOWN_KEY', details: name },
    })
    bob.add({ ...name, key: rootOf(1) })
    for (const form of [carried, envelopeToBinary(carried)]) {
      const opened = await openFileDescription(form, bob, expected)
      expect(encodeFileDescription(opened)).toEqual(encodeFileDescription(description))
      expect(firstDifference(await openBytes(sealed, opened), content)).toBeUndefined()
    }
    const elsewhere = { ...expected, messageId: 'msg-2' }
    expect(await failureOf(openFileDescription(carried, bob, elsewhere))).toMatchObject({
      code: 'ERR_E2EE_OPEN_FAILED',
    })
    const old = { ...expected, minKeyVersion: 2 }
    expect(await failureOf(openFileDescription(carried, bob, old))).toMatchObject({
      code: 'ERR_E2EE_EPOCH_TOO_OLD',
    })
    const longer = await sealBytes(content, { name: 'longer' })
    const other = await sealFileDescription(longer.description, alice, {
      ...place,
      sender: 'alice',
    })
    expect(other.sealed).toHaveLength(envelope.sealed.length)
    expect(decodeEventHeader(other)?.flags).toBe(decodeEventHeader(envelope)?.flags)
  })

  test('[F8] an event that holds something else is no description', async () => {
    const key = await generateAesGcmKey()
    for (const value of ['hello', { file: 1 }, null, content]) {
      const envelope = await sealEvent(value, key, place)
      expect(await failureOf(openFileDescription(envelope, key, place))).toMatchObject({
        code: 'ERR_E2EE_MALFORMED',
      })
    }
    for (const value of [undefined, {}, 'x', new Uint8Array(100)]) {
      expect(await failureOf(openFileDescription(value, key, place))).toMatchObject({
        code: 'ERR_E2EE_MALFORMED',
      })
    }
  })

  test('[F8] it can be a part of a larger value', async () => {
    const key = await generateAesGcmKey()
    const { sealed, description } = await sealBytes(content)
    const value = { text: 'look', files: [encodeFileDescription(description)] }
    const opened = await openEvent(await sealEvent(value, key, place), key, place)
    if (opened.type !== 'opened') throw new Error(opened.reason)
    const parsed = parseFileDescription((opened.value as typeof value).files[0])
    if (parsed === undefined) throw new Error('expected a description')
    expect(firstDifference(await openBytes(sealed, parsed), content)).toBeUndefined()
  })
})

describe('opening', () => {
  test('[F10] the content before a failure is authentic; as a whole no bytes are returned', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    for (const at of [56 + 4112 * 2 + 5, 56 + 4112 * 4 + 5]) {
      const changed = flipBit(sealed, at)
      const { released, code } = await readUntilFailure(openFile(changed, description))
      expect(code).toBe('ERR_E2EE_OPEN_FAILED')
      const chunk = Math.floor((at - 56) / 4112)
      expect(firstDifference(released, content.slice(0, chunk * 4096))).toBeUndefined()
      const error = await failureOf(openBytes(changed, description))
      expect(error).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED', details: undefined })
      expect(error.cause).toBeUndefined()
    }
  })

  test('[F10] the last chunk is returned only after the end of the source', async () => {
    const { sealed, description } = await sealBytes(counting(0, 5000), SMALL)
    let end = (): void => {}
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(sealed)
        end = () => controller.close()
      },
    })
    const reader = openFile(source, description).getReader()
    expect((await reader.read()).value).toHaveLength(4096)
    let isThere = false
    const last = reader.read().then((result) => {
      isThere = true
      return result
    })
    // Long enough for a chunk that was not held back.
    await openBytes(sealed, description)
    expect(isThere).toBe(false)
    end()
    expect((await last).value).toHaveLength(5000 - 4096)
  })

  test('[F10] a caller that overwrites its bytes while they are opened or sealed changes nothing', async () => {
    const bytes = new Uint8Array(content)
    const sealing = sealBytes(bytes, SMALL)
    bytes.fill(0)
    const { sealed, description } = await sealing
    const opening = openBytes(sealed, description)
    sealed.fill(0)
    expect(firstDifference(await opening, content)).toBeUndefined()
  })

  test('[F10] bytes as a whole have a limit', async () => {
    const { sealed, description } = await sealBytes(content)
    const opened = await openBytes(sealed, description, { maxBytes: 20_000 })
    expect(opened).toHaveLength(20_000)
    const error = await failureOf(openBytes(sealed, description, { maxBytes: 19_999 }))
    expect(error).toMatchObject({
      ...{ code: 'ERR_E2EE_TOO_LARGE', details: { byteLength: 20_000, maxBytes: 19_999 } },
    })
  })

  test('[F9] errors and streams reveal only the code', async () => {
    const { sealed, description } = await sealBytes(content, SMALL)
    const messages = new Set<string>()
    for (const at of [10, 30, 60, 5000, sealed.length - 1]) {
      messages.add(JSON.stringify(await failureOf(openBytes(flipBit(sealed, at), description))))
    }
    messages.add(JSON.stringify(await failureOf(openBytes(sealed.slice(0, -1), description))))
    expect([...messages]).toHaveLength(1)
    expect([...messages][0]).not.toContain(bytesToHex(description.unsafeExport().key))
  })
})
