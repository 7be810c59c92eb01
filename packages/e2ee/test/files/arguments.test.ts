import { generateAesGcmKey } from '@conclave/e2ee'
import {
  encodeFileDescription,
  FileDescription,
  openBytes,
  openFile,
  openFileRange,
  sealBytes,
  sealFile,
  sealFileDescription,
} from '@conclave/e2ee/files'
import type { SealFileOptions } from '@conclave/e2ee/files'
import { describe, expect, test } from 'vitest'
import { bytesOf, counting, rejection, streamOf } from './fixtures.ts'

const content = counting(3, 20_000)

describe('arguments', () => {
  const wrong: unknown[] = [undefined, null, 7, 'text', {}, [1], new ArrayBuffer(4), () => content]

  test('[F15] bytes that were transferred are named', async () => {
    const { sealed, description } = await sealBytes(content)
    structuredClone(sealed.buffer, { transfer: [sealed.buffer] })
    await expect(openBytes(sealed, description)).rejects.toThrow(/^"sealed" expected/)
  })

  test('[F15] sources and descriptions of the wrong type', async () => {
    const { sealed, description } = await sealBytes(content)
    for (const value of wrong) {
      const source = value as Uint8Array
      expect(() => sealFile(source)).toThrow(/^"source" expected/)
      expect(() => openFile(source, description)).toThrow(/^"source" expected/)
      expect(() => openFile(sealed, value as FileDescription)).toThrow(/^"description" expected/)
      expect(await rejection(sealBytes(source))).toBeInstanceOf(TypeError)
      expect(await rejection(openBytes(source, description))).toBeInstanceOf(TypeError)
      // A function is right there.
      const other = typeof value === 'function' ? 7 : value
      expect(() => openFileRange(other as Blob, description)).toThrow(/^"source" expected/)
      const read = (): Uint8Array => source
      const range = rejection(bytesOf(openFileRange(read, description)))
      expect(await range).toBeInstanceOf(TypeError)
    }
    const key = await generateAesGcmKey()
    const place = { kind: 'chat', roomId: 'a', messageId: 'b' } as const
    const json = {} as FileDescription
    expect(() => encodeFileDescription(json)).toThrow(/^"description" expected/)
    const parts = description.unsafeExport()
    for (const [change, kind] of [
      [{ key: new Uint8Array(31) }, TypeError],
      [{ fileId: 'a' as never }, TypeError],
      [{ size: -1 }, RangeError],
      [{ chunkSize: 1 }, RangeError],
    ] as const) {
      expect(() => new FileDescription({ ...parts, ...change })).toThrow(kind)
    }
    expect(await rejection(sealFileDescription(json, key, place))).toBeInstanceOf(TypeError)
  })

  test('[F15] a locked stream', () => {
    const stream = streamOf(content)
    stream.getReader()
    expect(() => sealFile(stream)).toThrow(TypeError)
  })

  test('[F15] options of the wrong type, or out of bounds', async () => {
    const { sealed, description } = await sealBytes(content)
    const refused: [SealFileOptions | object, string, ErrorConstructor][] = [
      [{ chunkSize: 5000 }, 'chunkSize', RangeError],
      [{ chunkSize: 2048 }, 'chunkSize', RangeError],
      [{ chunkSize: 2 ** 21 }, 'chunkSize', RangeError],
      [{ chunkSize: '65536' }, 'chunkSize', TypeError],
      [{ size: '7' }, 'size', TypeError],
      [{ padding: 'pkcs7' }, 'padding', RangeError],
      [{ padding: true }, 'padding', RangeError],
      [{ size: -1 }, 'size', RangeError],
      [{ size: 0.5 }, 'size', RangeError],
      [{ size: 7 }, 'size', RangeError],
      [{ name: 7 }, 'name', TypeError],
      [{ name: '../a' }, 'name', RangeError],
      [{ name: '' }, 'name', RangeError],
      [{ type: {} }, 'type', TypeError],
      [{ type: 'a\n' }, 'type', RangeError],
      [{ signal: {} }, 'signal', TypeError],
      [{ onProgress: 7 }, 'onProgress', TypeError],
    ]
    for (const [options, name, kind] of refused) {
      expect(() => sealFile(content, options)).toThrow(kind)
      expect(() => sealFile(content, options)).toThrow(`"${name}" expected`)
    }
    expect(() => sealFile(content, null as unknown as SealFileOptions)).toThrow('"options"')
    expect(() => openFile(sealed, description, { signal: 7 as never })).toThrow('"signal"')
    for (const [range, kind] of [
      [{ start: -1 }, RangeError],
      [{ end: -1 }, RangeError],
      [{ start: 0.5 }, RangeError],
      [{ end: Number.NaN }, RangeError],
      [{ start: '0' as never }, TypeError],
    ] as const) {
      expect(() => openFileRange(new Blob([sealed]), description, range)).toThrow(kind)
    }
    for (const [maxBytes, kind] of [
      [-1, RangeError],
      ['7' as never, TypeError],
    ] as const) {
      const limit = openBytes(sealed, description, { maxBytes })
      expect(await rejection(limit)).toBeInstanceOf(kind)
    }
  })
})
