import {
  encodeFileDescription,
  openBytes,
  openFile,
  openFileRange,
  parseFileDescription,
} from '@conclave/e2ee/files'
import type { FileDescription } from '@conclave/e2ee/files'
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
import { bytesToHex, failureOf, hexToBytes } from '../fixtures.ts'

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
  for (const [index, { header }] of keys.entries()) {
    const sealed = hexToBytes(header + chunk)
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
