import {
  openBytes,
  openFile,
  openFileRange,
  parseFileDescription,
  encodeFileDescription,
  sealBytes,
  sealFile,
} from '@conclave/e2ee/files'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  chunkLength,
  chunkOffset,
  countChunks,
  countEntries,
  isFileSize,
  sealedLength,
} from '../../src/files/file-layout.ts'
import { bytesOf, counting, firstDifference, readUntilFailure, streamOf } from './fixtures.ts'

const SMALL = { chunkSize: 4096 } as const

/** Lengths near the ends of chunks more often than others. */
const sizes = fc.oneof(
  fc.nat(30_000),
  fc.tuple(fc.nat(5), fc.integer({ min: -2, max: 2 })).map(([n, by]) => Math.max(0, n * 4096 + by)),
)
const cuts = fc
  .array(fc.nat(9000), { minLength: 1, maxLength: 5 })
  .map((pieces) => [...pieces, 1000])
const padding = fc.constantFrom(undefined, 'padme' as const)
const optionsOf = (chosen: 'padme' | undefined) => ({
  ...SMALL,
  ...(chosen && { padding: chosen }),
})

/** A change to a sealed file. */
type Damage = (sealed: Uint8Array<ArrayBuffer>, other: Uint8Array<ArrayBuffer>) => BlobPart[]

const chunksOf = (sealed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] => {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  const end = sealed.length - indexOf(sealed).length
  for (let at = 56; at < end; at += 4112) chunks.push(sealed.slice(at, Math.min(end, at + 4112)))
  return chunks
}

/** The end of a file of less than 256 chunks: 32 bytes for each chunk, which has 4,112 bytes or less. */
const indexOf = (sealed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  sealed.slice(-32 * Math.ceil((sealed.length - 56) / (4112 + 32)))

const damages: fc.Arbitrary<Damage> = fc.oneof(
  // A cut, a bit, bytes in between, bytes gone.
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((part): Damage => (sealed) => [
    sealed.slice(0, Math.floor(part * sealed.length)),
  ]),
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]): Damage => (sealed) => {
    const changed = sealed.slice()
    const place = at % changed.length
    changed[place] = (changed[place] ?? 0) ^ (1 << bit)
    return [changed]
  }),
  fc
    .tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([at, bytes]): Damage => (sealed) => {
      const place = at % (sealed.length + 1)
      return [sealed.slice(0, place), new Uint8Array(bytes), sealed.slice(place)]
    }),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 5000 })).map(([at, length]): Damage => (sealed) => {
    const place = at % sealed.length
    return [sealed.slice(0, place), sealed.slice(place + length)]
  }),
  // Chunks in any other order, any of them left out or repeated, or out of another file.
  fc
    .array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 8 })
    .map((picks): Damage => (sealed, other) => {
      const [own, foreign] = [chunksOf(sealed), chunksOf(other)]
      const picked = picks.map(([at, isOwn]) => {
        const chunks = isOwn ? own : foreign
        return chunks[at % chunks.length] ?? new Uint8Array()
      })
      return [sealed.slice(0, 56), ...picked, indexOf(sealed)]
    }),
)

test('[F4, F7] any content in any pieces survives a round trip, however its sealed bytes are cut', () =>
  fc.assert(
    fc.asyncProperty(sizes, padding, cuts, cuts, async (size, padded, pieces, carried) => {
      const content = counting(size & 255, size)
      const { stream, description } = sealFile(streamOf(content, pieces), optionsOf(padded))
      const sealed = await bytesOf(stream)
      const known = await description
      expect(known.size).toBe(size)
      expect(known.sealedSize).toBe(sealed.length)
      const opened = await bytesOf(openFile(streamOf(sealed, carried), known))
      expect(firstDifference(opened, content)).toBeUndefined()
    }),
    { numRuns: 60 },
  ))

test('[F4, F9, F10] any cut, bit, insertion, removal, order, repetition and splice fails, after a true beginning', () =>
  fc.assert(
    fc.asyncProperty(sizes, padding, damages, cuts, async (size, padded, damage, pieces) => {
      const content = counting(size & 255, size)
      const { sealed, description } = await sealBytes(content, optionsOf(padded))
      const other = await sealBytes(counting(7, size), optionsOf(padded))
      const changed = await bytesOf(new Blob(damage(sealed, other.sealed)).stream())
      const isSame = firstDifference(changed, sealed) === undefined
      const { released, code } = await readUntilFailure(
        openFile(streamOf(changed, pieces), description),
      )
      expect(code === undefined).toBe(isSame)
      expect([undefined, 'ERR_E2EE_OPEN_FAILED', 'ERR_E2EE_MALFORMED']).toContain(code)
      expect(firstDifference(released, content.slice(0, released.length))).toBeUndefined()
      const whole = openBytes(changed, description).then(
        () => true,
        () => false,
      )
      expect(await whole).toBe(isSame)
    }),
    { numRuns: 250 },
  ))

test('[F11] any range equals the slice, and reads only its chunks and their digests', () =>
  fc.assert(
    fc.asyncProperty(
      sizes,
      padding,
      fc.nat(32_000),
      fc.nat(32_000),
      async (size, padded, start, end) => {
        const content = counting(size & 255, size)
        const { sealed, description } = await sealBytes(content, optionsOf(padded))
        let asked = 0
        const stream = openFileRange(
          (from, to) => {
            expect(from >= 0 && to > from && to <= sealed.length).toBe(true)
            asked += to - from
            return streamOf(sealed.slice(from, to), [3000])
          },
          description,
          { start, end },
        )
        const expected = content.slice(start, end)
        expect(firstDifference(await bytesOf(stream), expected)).toBeUndefined()
        const chunks = expected.length === 0 ? 0 : Math.ceil(expected.length / 4096) + 1
        expect(asked).toBeLessThanOrEqual(indexOf(sealed).length + chunks * 4112)
      },
    ),
    { numRuns: 150 },
  ))

test('[F9, F11] a range of a changed file fails, or still equals the slice', () =>
  fc.assert(
    fc.asyncProperty(
      sizes,
      damages,
      fc.nat(32_000),
      fc.nat(5000),
      async (size, damage, start, length) => {
        const content = counting(size & 255, size)
        const { sealed, description } = await sealBytes(content, SMALL)
        const other = await sealBytes(counting(7, size), SMALL)
        const changed = new Blob(damage(sealed, other.sealed))
        const end = start + length
        const { released, code } = await readUntilFailure(
          openFileRange(changed, description, { start, end }),
        )
        const expected = content.slice(start, end)
        expect([undefined, 'ERR_E2EE_OPEN_FAILED', 'ERR_E2EE_MALFORMED']).toContain(code)
        const wanted = code === undefined ? expected : expected.slice(0, released.length)
        expect(firstDifference(released, wanted)).toBeUndefined()
      },
    ),
    { numRuns: 200 },
  ))

test('[F2, F4, F7, F16] the chunks of any file cover it without gaps, and never an empty one but in an empty file', () =>
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(100_000), fc.integer({ min: 0, max: 2 ** 43 })),
      fc.integer({ min: 12, max: 20 }),
      fc.boolean(),
      (size, log, padded) => {
        const shape = { size, chunkSize: 2 ** log, padded }
        const count = countChunks(shape)
        expect(chunkOffset(shape, 0)).toBe(56)
        const levels = countEntries(count)
        expect(levels.at(-1)).toBe(count)
        expect(levels[0]).toBeLessThanOrEqual(256)
        expect(isFileSize(shape) ? levels.length : 0).toBeLessThanOrEqual(3)
        const entries = levels.reduce((sum, level) => sum + level, 0)
        expect(sealedLength(shape)).toBe(chunkOffset(shape, count) + 32 * entries)
        for (const index of new Set([0, 1, count >> 1, count - 2, count - 1])) {
          if (index < 0 || index >= count) continue
          const length = chunkLength(shape, index)
          expect(length > 0 || (count === 1 && size === 0 && !padded)).toBe(true)
          expect(length <= shape.chunkSize).toBe(true)
          expect(index === count - 1 || length === shape.chunkSize).toBe(true)
          const between = chunkOffset(shape, index + 1) - chunkOffset(shape, index)
          expect(between).toBe(length + 16)
        }
      },
    ),
    { numRuns: 500 },
  ))

test('[F6, F9] no value of any shape throws where a description is read', async () => {
  const good = encodeFileDescription(
    (await sealBytes(new Uint8Array(3), { name: 'a' })).description,
  )
  const anything = fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true })
  const edited = fc
    .tuple(fc.constantFrom(...Object.keys(good), 'padded', 'type', '__proto__'), anything)
    .map(([name, value]): object => ({ ...good, [name]: value }))
  fc.assert(
    fc.property(fc.oneof(anything, edited), (value) => {
      const description = parseFileDescription(value)
      if (description === undefined) return
      expect(encodeFileDescription(description)).toEqual({ ...(value as object) })
    }),
    { numRuns: 1000 },
  )
})
