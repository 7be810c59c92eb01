import { openGrowingFile, parseGrowingFileKey } from '@conclave/e2ee/files'
import type { GrowingFileKey } from '@conclave/e2ee/files'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/growing-files.json' with { type: 'json' }
import { startGrowing } from '../../src/files/growing/seal-growing-file.ts'
import { SourceReader } from '../../src/files/source-reader.ts'
import { hexToBytes } from '../fixtures.ts'
import { bytesOf, counting, firstDifference, readUntilFailure, streamOf } from './fixtures.ts'

const keyOf = (value: object): GrowingFileKey => {
  const key = parseGrowingFileKey(value)
  if (key === undefined) throw new Error('expected a key')
  return key
}

const files = vectors.files.map(({ key, content, pieces }, index) => {
  const { size: _size, digest: _digest, ...growing } = key
  return {
    index,
    /** With size and digest, and without. */
    keys: [keyOf(key), keyOf(growing)] as const,
    content: counting(content.first, content.length),
    pieces: pieces.map(hexToBytes),
  }
})
/** Files that were made as the chapter says; the last one is a forgery under the key of another. */
const genuine = files.slice(0, -1)

const fileAt = (index: number): (typeof files)[number] => {
  const file = files[index]
  if (file === undefined) throw new Error(`no file ${index}`)
  return file
}

type Part = Partial<{ file: number; piece: number; to: number; bytes: string }>

const assemble = async (parts: readonly Part[]): Promise<Uint8Array<ArrayBuffer>> => {
  const bytes = parts.map(({ file = 0, piece = 0, to, bytes: hex }) =>
    hex === undefined
      ? (fileAt(file).pieces[piece]?.slice(0, to) ?? new Uint8Array())
      : hexToBytes(hex),
  )
  return new Uint8Array(await new Blob(bytes).arrayBuffer())
}

describe('growing files', () => {
  test.each(genuine)(
    '[Q7, Q8, Q9] file $index opens, and is sealed to the same bytes',
    async (file) => {
      const { keys, content, pieces } = file
      const sealed = new Uint8Array(await new Blob(pieces).arrayBuffer())
      for (const key of keys) {
        for (const cuts of [[sealed.length], [1000, 1, 0, 5000]]) {
          const { stream, ended } = openGrowingFile(streamOf(sealed, cuts), key)
          expect(firstDifference(await bytesOf(stream), content)).toBeUndefined()
          expect(await ended).toMatchObject({ complete: true, size: content.length })
        }
      }
      const [whole, growing] = keys
      const made = startGrowing(new SourceReader(streamOf(content, [700])), {
        ...{ key: growing, options: {}, maxChunks: 10 },
      })
      expect(firstDifference(await bytesOf(made.stream), sealed)).toBeUndefined()
      expect((await made.ended).unsafeExport()).toEqual(whole.unsafeExport())
    },
  )

  test.each(vectors.opened)(
    '[Q8] $why: opens up to the last whole chunk',
    async ({ file, parts, size }) => {
      const { keys, content } = fileAt(file)
      const sealed = await assemble(parts)
      for (const key of keys) {
        const { stream, ended } = openGrowingFile(streamOf(sealed, [999]), key)
        expect(firstDifference(await bytesOf(stream), content.slice(0, size))).toBeUndefined()
        expect(await ended).toMatchObject({ complete: false, size })
      }
    },
  )

  test.each(vectors.refused)(
    '[Q8, Q9] $why: $code',
    async ({ file, parts, size, code, ...more }) => {
      const { keys, content } = fileAt(file)
      const sealed = await assemble(parts)
      const needsDigest = 'needsDigest' in more
      for (const key of needsDigest ? keys.slice(0, 1) : keys) {
        const { stream, ended } = openGrowingFile(streamOf(sealed, [999]), key)
        ended.catch(() => undefined)
        const failure = await readUntilFailure(stream)
        expect([failure.code, failure.released.length]).toEqual([code, size])
        // Only a forgery against the digest has another content.
        const released = needsDigest ? new Uint8Array() : failure.released
        expect(firstDifference(released, content.slice(0, released.length))).toBeUndefined()
      }
    },
  )

  test.each(vectors.noKeys)('[Q10] no key: %o', (change) => {
    const [{ key } = { key: {} }] = vectors.files
    expect(parseGrowingFileKey(key)).toBeDefined()
    expect(parseGrowingFileKey({ ...key, ...change })).toBeUndefined()
  })
})
