import { Keyring } from '@conclave/e2ee'
import {
  encodeFileDescription,
  openBytes,
  openFile,
  openFileDescription,
  openFileRange,
  parseFileDescription,
  sealFileDescription,
} from '@conclave/e2ee/files'
import type { FileDescription } from '@conclave/e2ee/files'
import { createSigner, generateSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/files.json' with { type: 'json' }
import { SourceReader } from '../../src/files/source-reader.ts'
import { MAX_FILE_CHUNKS } from '../../src/files/file-layout.ts'
import { startSealing } from '../../src/files/seal-file.ts'
import {
  bytesOf,
  counting,
  descriptionOf,
  firstDifference,
  readUntilFailure,
  streamOf,
} from './fixtures.ts'
import { bytesToHex, failureOf, hexToBytes, rootOf } from '../fixtures.ts'

const files = vectors.files.map(({ description, content, sealed }, index) => ({
  index,
  description: descriptionOf(description),
  content: counting(content.first, content.length),
  sealed: hexToBytes(sealed),
}))

const fileAt = (index: number): (typeof files)[number] => {
  const file = files[index]
  if (file === undefined) throw new Error(`no file ${index}`)
  return file
}

type Part = Partial<{ file: number; from: number; to: number; bytes: string }>

async function assemble(parts: readonly Part[]): Promise<Uint8Array<ArrayBuffer>> {
  const pieces = parts.map(({ file = 0, from, to, bytes }) =>
    bytes === undefined ? fileAt(file).sealed.slice(from, to) : hexToBytes(bytes),
  )
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

describe('files', () => {
  test.each(files)(
    '[F2, F3, F4, F7] file $index opens, whole, in pieces and byte by byte',
    async ({ description, content, sealed }) => {
      expect(description.sealedSize).toBe(sealed.length)
      const cuts = [[sealed.length], [4112], [1000, 1, 0, 5000], [1]]
      for (const pieces of cuts) {
        if (pieces[0] === 1 && sealed.length > 20_000) continue
        const opened = await bytesOf(openFile(streamOf(sealed, pieces), description))
        expect(firstDifference(opened, content)).toBeUndefined()
      }
    },
  )

  test.each(files)(
    '[F2, F3, F4, F7] file $index: the same secrets and content make the same bytes, however they come',
    async ({ description, content, sealed }) => {
      for (const pieces of [[content.length], [4096], [1000, 1, 0, 5000], [1]]) {
        if (pieces[0] === 1 && sealed.length > 20_000) continue
        const parts = description.unsafeExport()
        const { stream } = startSealing(new SourceReader(streamOf(content, pieces)), {
          ...{ parts: { ...parts, size: undefined }, options: {}, maxChunks: MAX_FILE_CHUNKS },
        })
        expect(firstDifference(await bytesOf(stream), sealed)).toBeUndefined()
      }
    },
  )
})

test.each(vectors.ranges)(
  '[F11] file $file from $start to $end: what is read, and what comes of it',
  async ({ file, start, end, reads }) => {
    const { description, content, sealed } = fileAt(file)
    const asked: number[][] = []
    const stream = openFileRange(
      (from, to) => {
        asked.push([from, to])
        return sealed.slice(from, to)
      },
      description,
      { start, end },
    )
    expect(firstDifference(await bytesOf(stream), content.slice(start, end))).toBeUndefined()
    expect(asked.toSorted(([a = 0], [b = 0]) => a - b)).toEqual(reads)
  },
)

test.each(vectors.refused)('[F9] $why: $code', async (vector) => {
  const { description, content } = fileAt(vector.file)
  const json = {
    ...encodeFileDescription(description),
    ...('description' in vector && vector.description),
  }
  const changed: FileDescription = descriptionOf(json)
  const sealed = await assemble(vector.parts)
  for (const pieces of [[sealed.length], [999]]) {
    const { released, code } = await readUntilFailure(openFile(streamOf(sealed, pieces), changed))
    expect(code).toBe(vector.code)
    expect(firstDifference(released, content.slice(0, released.length))).toBeUndefined()
  }
  expect(await failureOf(openBytes(sealed, changed))).toMatchObject({ code: vector.code })
})

test.each(vectors.replaced)(
  '[F16] $why by a holder of the description is never the content of the file',
  async ({ file, parts, content: forged }) => {
    const { description, content } = fileAt(file)
    const sealed = await assemble(parts)
    expect(await failureOf(openBytes(sealed, description))).toMatchObject({
      code: 'ERR_E2EE_OPEN_FAILED',
    })
    const stream = await readUntilFailure(openFile(streamOf(sealed), description))
    expect(stream.code).toBe('ERR_E2EE_OPEN_FAILED')
    // A stream has given what a holder of the key sealed, but never the last chunk.
    const beginning = hexToBytes(forged).slice(0, stream.released.length)
    expect(firstDifference(stream.released, beginning)).toBeUndefined()
    expect(stream.released.length).toBeLessThanOrEqual(8192)
    for (const [start, end] of [
      [0, 9000],
      [4000, 5000],
      [8999, 9000],
      [100, 101],
    ] as const) {
      const range = openFileRange(new Blob([sealed]), description, { start, end })
      const { released } = await readUntilFailure(range)
      const wanted = content.slice(start, start + released.length)
      expect(firstDifference(released, wanted)).toBeUndefined()
    }
    const whole = await readUntilFailure(openFileRange(new Blob([sealed]), description))
    expect(whole.code).toBe('ERR_E2EE_OPEN_FAILED')
  },
)

test('[F8, F16] a signature over a description is one over the content: a member who replaces it is noticed', async () => {
  const room = new Keyring()
  room.rotate({ keyId: 'room-42', epoch: 1, key: rootOf(1) })
  const [alice, verifier] = [await generateSigningKeys(), new SignerDirectory()]
  verifier.add('alice', alice.publicKey)
  const place = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1', sender: 'alice' } as const
  const [replaced] = vectors.replaced
  if (replaced === undefined) throw new Error('expected a vector')
  const { description, content, sealed } = fileAt(replaced.file)
  const signer = createSigner(alice)
  const envelope = await sealFileDescription(description, room, { ...place, signer })
  const found = await openFileDescription(envelope, room, { ...place, verifier, replay: 'none' })
  expect(firstDifference(await openBytes(sealed, found), content)).toBeUndefined()
  expect(await failureOf(openBytes(await assemble(replaced.parts), found))).toMatchObject({
    code: 'ERR_E2EE_OPEN_FAILED',
  })
})

test.each(vectors.long)(
  '[F11, F16] a file of $content.length bytes has the index of the reference, and parts of it open by few rows',
  async (vector) => {
    const [description, content] = [
      descriptionOf(vector.description),
      counting(vector.content.first, vector.content.length),
    ]
    const parts = { ...description.unsafeExport(), size: undefined }
    const sealing = startSealing(new SourceReader(content), {
      ...{ parts, options: {}, maxChunks: MAX_FILE_CHUNKS },
    })
    const sealed = await bytesOf(sealing.stream)
    expect(encodeFileDescription(await sealing.description)).toEqual(vector.description)
    expect(sealed).toHaveLength(vector.sealedLength)
    expect(description.sealedSize).toBe(vector.sealedLength)
    expect(bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', sealed)))).toBe(
      vector.sealedDigest,
    )
    const chunks = Math.ceil(content.length / 4096)
    const above = vector.above.length / 2
    const indexAt = sealed.length - above - chunks * 32
    expect(bytesToHex(sealed.slice(indexAt, indexAt + above))).toBe(vector.above)
    expect(firstDifference(await openBytes(sealed, description), content)).toBeUndefined()
    for (const first of [0, 128, 255, 256, 511, 512]) {
      if (first >= chunks) continue
      const [start, end] = [first * 4096 + 1, Math.min(content.length, first * 4096 + 4100)]
      const asked: number[][] = []
      const stream = openFileRange(
        (from, to) => {
          asked.push([from, to])
          return sealed.slice(from, to)
        },
        description,
        { start, end },
      )
      expect(firstDifference(await bytesOf(stream), content.slice(start, end))).toBeUndefined()
      expect(asked).toHaveLength(chunks > 256 ? 3 : 2)
      const read = asked.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0)
      expect(read).toBeLessThanOrEqual(2 * 4112 + above + 2 * 8192)
    }
    const bad = sealed.slice()
    const at = indexAt + above + 300 * 32
    if (chunks < 300) return
    bad[at] = (bad[at] ?? 0) ^ 1
    const near = openFileRange(new Blob([bad]), description, { start: 256 * 4096, end: 257 * 4096 })
    expect((await readUntilFailure(near)).code).toBe('ERR_E2EE_OPEN_FAILED')
    const far = openFileRange(new Blob([bad]), description, { start: 0, end: 4096 })
    expect((await readUntilFailure(far)).code).toBeUndefined()
  },
)

test('[F3] a chunk that AES-GCM opens under two keys opens only under the key of its header', async () => {
  const { nonce, chunk, keys } = vectors.twoKeys
  const plaintexts = keys.map(async ({ chunkKey }) => {
    const key = await crypto.subtle.importKey('raw', hexToBytes(chunkKey), 'AES-GCM', false, [
      'decrypt',
    ])
    const parameters = { name: 'AES-GCM', iv: hexToBytes(nonce) }
    return bytesToHex(
      new Uint8Array(await crypto.subtle.decrypt(parameters, key, hexToBytes(chunk))),
    )
  })
  const [one, other] = await Promise.all(plaintexts)
  expect(one).not.toBe(other)
  for (const [index, { header, index: end }] of keys.entries()) {
    const sealed = hexToBytes(header + chunk + end)
    for (const [tried, { description }] of keys.entries()) {
      const { released, code } = await readUntilFailure(
        openFile(sealed, descriptionOf(description)),
      )
      const content = tried === 0 ? one : other
      expect({ code, content: bytesToHex(released) }).toEqual(
        tried === index
          ? { code: undefined, content }
          : { code: 'ERR_E2EE_OPEN_FAILED', content: '' },
      )
    }
  }
})

describe('descriptions', () => {
  test.each(vectors.descriptions.accepted)('[F6] read and written: %j', (value) => {
    expect(encodeFileDescription(descriptionOf(value))).toEqual(value)
  })

  test.each(vectors.descriptions.refused)('[F6] refused: $why', ({ value }) => {
    expect(parseFileDescription(value)).toBeUndefined()
  })
})
