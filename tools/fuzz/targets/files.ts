/** Sealed files, as storages and carriers give them back. */
import {
  encodeFileDescription,
  encodeGrowingFileKey,
  openBytes,
  openFileRange,
  openGrowingFile,
  parseFileDescription,
  parseGrowingFileKey,
  sealGrowingFile,
} from '@conclave/e2ee/files'
import type { FileDescription, GrowingFileKey, ReadRange } from '@conclave/e2ee/files'
import vectors from '../../../spec/vectors/files.json' with { type: 'json' }
import { hasTraps, hostileCopy, oddBytes, oddValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import type { Random } from '../random.ts'
import {
  argumentErrorOf,
  codeOf,
  FuzzFailure,
  fromHex,
  mustEqual,
  mustHold,
  toHex,
} from '../target.ts'
import type { FuzzTarget } from '../target.ts'

interface FileCase {
  readonly description: FileDescription
  readonly sealed: Uint8Array<ArrayBuffer>
  readonly content: Uint8Array<ArrayBuffer>
}

/** The small ones: a change of a large one is the same change. */
const files: readonly FileCase[] = vectors.files
  .filter(({ sealed }) => sealed.length <= 2 * 20_000)
  .map(({ description, content, sealed }) => {
    const parsed = parseFileDescription(description)
    if (parsed === undefined) throw new Error('expected a description')
    const { first, length } = content
    const bytes = Uint8Array.from({ length }, (_, at) => first + at + Math.floor(at / 256))
    return { description: parsed, sealed: fromHex(sealed), content: bytes }
  })
const valid = files.map(({ sealed }) => sealed)

const descriptions: FuzzTarget = {
  name: 'file/description',
  share: 40,
  async prepare() {
    const accepted: readonly object[] = vectors.descriptions.accepted
    const texts = accepted.map((description) => JSON.stringify(description))
    return {
      attempt(random, note) {
        const input = random.oneIn(2)
          ? hostileCopy(random, random.pick(accepted))
          : random.oneIn(4)
            ? oddValue(random)
            : parse(mutateText(random, texts))
        note(input)
        const description = parseFileDescription(input)
        if (description === undefined) return 'refused'
        mustHold(
          !JSON.stringify([description, String(description)]).includes('key'),
          'shows no key',
        )
        mustHold(Number.isSafeInteger(description.sealedSize), 'a size that can be counted')
        if (hasTraps(input)) return 'no matter what'
        const again = encodeFileDescription(description)
        mustEqual(again, Object.fromEntries(Object.entries(input as object)), 'one form alone')
        return 'read'
      },
    }
  },
}

const opening: FuzzTarget = {
  name: 'file/open',
  share: 15,
  async prepare() {
    return {
      async attempt(random, note) {
        const { description, sealed, content } = random.pick(files)
        const input = makeSealed(random, sealed)
        note({ description: encodeFileDescription(description), input })
        try {
          const opened = await openBytes(input as Uint8Array, description)
          if (toHex(opened) !== toHex(content)) throw new FuzzFailure('forged', 'another content')
          const isSame =
            input instanceof Blob || toHex(new Uint8Array(input as Uint8Array)) === toHex(sealed)
          if (!isSame) throw new FuzzFailure('forged', 'opened what nobody sealed')
          return 'opened'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return error instanceof TypeError && !(input instanceof Blob)
            ? sourceErrorOf(error)
            : codeOf(error, CODES)
        }
      },
    }
  },
}

const ranges: FuzzTarget = {
  name: 'file/open-range',
  share: 10,
  async prepare() {
    return {
      async attempt(random, note) {
        const { description, sealed, content } = random.pick(files)
        const bytes = random.oneIn(3) ? sealed : mutateBytes(random, [sealed, ...valid])
        const start = random.below(content.length + 10)
        const end = random.below(content.length + 10)
        // A storage that gives more, less, or other parts than it was asked for.
        const shift = random.oneIn(4) ? random.below(9) - 4 : 0
        const read: ReadRange = (from, to) => bytes.slice(from, Math.max(0, to + shift))
        note({ description: encodeFileDescription(description), bytes, start, end, shift })
        const parts: number[] = []
        try {
          for await (const part of openFileRange(read, description, { start, end }))
            parts.push(...part)
          const expected = content.slice(start, Math.max(start, end))
          if (toHex(Uint8Array.from(parts)) !== toHex(expected))
            throw new FuzzFailure('forged', 'another content')
          return 'opened'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          const code = codeOf(error, CODES)
          const prefix = content.slice(start, start + parts.length)
          if (toHex(Uint8Array.from(parts)) !== toHex(prefix))
            throw new FuzzFailure('forged', 'not a beginning of the content')
          return code
        }
      },
    }
  },
}

function makeSealed(random: Random, sealed: Uint8Array<ArrayBuffer>): unknown {
  switch (random.below(12)) {
    case 0:
      return new Blob([sealed])
    case 1:
      return oddBytes(random, sealed)
    case 2:
      return oddValue(random)
    default:
      return mutateBytes(random, random.oneIn(4) ? valid : [sealed])
  }
}

/** A value that is no source is the caller's mistake. */
const sourceErrorOf = (error: TypeError): string => argumentErrorOf(error)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const CODES: ReadonlySet<string> = new Set(['ERR_E2EE_OPEN_FAILED', 'ERR_E2EE_MALFORMED'])

/** A small file that grew, and its key. */
const grown = async (): Promise<{
  readonly key: GrowingFileKey
  readonly sealed: Uint8Array<ArrayBuffer>
}> => {
  const content = Uint8Array.from({ length: 9000 }, (_, at) => at + Math.floor(at / 256))
  const { stream, key } = sealGrowingFile(new Blob([content]).stream(), { chunkSize: 4096 })
  return { key, sealed: new Uint8Array(await new Response(stream).arrayBuffer()) }
}

const growingKeys: FuzzTarget = {
  name: 'file/growing-key',
  share: 20,
  async prepare() {
    const json = encodeGrowingFileKey((await grown()).key)
    const whole = { ...json, size: 9000, digest: 'A'.repeat(43) }
    const accepted: readonly object[] = [json, whole]
    return {
      attempt(random, note) {
        const input = random.oneIn(2)
          ? hostileCopy(random, random.pick(accepted))
          : parse(
              mutateText(
                random,
                accepted.map((value) => JSON.stringify(value)),
              ),
            )
        note(input)
        const key = parseGrowingFileKey(input)
        if (key === undefined) return 'refused'
        mustHold(!JSON.stringify([key, String(key)]).includes('fileId'), 'shows no key')
        if (hasTraps(input)) return 'no matter what'
        const again = encodeGrowingFileKey(key)
        mustEqual(again, Object.fromEntries(Object.entries(input as object)), 'one form alone')
        return 'read'
      },
    }
  },
}

const growing: FuzzTarget = {
  name: 'file/open-growing',
  share: 15,
  async prepare() {
    const { key, sealed } = await grown()
    const content = await new Response(openGrowingFile(sealed, key).stream).arrayBuffer()
    const contentHex = toHex(new Uint8Array(content))
    return {
      async attempt(random, note) {
        const input = random.oneIn(3)
          ? sealed.slice(0, random.below(sealed.length + 1))
          : mutateBytes(random, [sealed])
        note({ key: encodeGrowingFileKey(key), input })
        const parts: number[] = []
        const { stream, ended } = openGrowingFile(input, key)
        try {
          for await (const part of stream) {
            parts.push(...part)
            const isBeginning =
              toHex(Uint8Array.from(parts)) === contentHex.slice(0, 2 * parts.length)
            if (!isBeginning) throw new FuzzFailure('forged', 'not a beginning of the content')
          }
          const { complete, size } = await ended
          mustHold(size === parts.length, 'the size of what it gave')
          if (complete && toHex(input) !== toHex(sealed))
            throw new FuzzFailure('forged', 'complete, and nobody ended it so')
          return complete ? 'complete' : 'cut off'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return codeOf(error, CODES)
        }
      },
    }
  },
}

/** The targets of sealed files. */
export const FILE_TARGETS: readonly FuzzTarget[] = [
  descriptions,
  opening,
  ranges,
  growingKeys,
  growing,
]
