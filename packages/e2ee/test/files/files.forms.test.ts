import {
  FileDescription,
  openBytes,
  openFile,
  openFileRange,
  sealBytes,
  sealFile,
} from '@conclave/e2ee/files'
import { expect, test } from 'vitest'
import { testEntries } from '../byte-forms.ts'
import { memoriesOf, transferred } from '../memory.ts'
import { bytesOf, counting } from './fixtures.ts'

const content = counting(0, 9000)
const few = counting(0, 10)
const { sealed, description } = await sealBytes(content)
const parts = description.unsafeExport()

const streamOf = (...pieces: Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })

testEntries(
  {
    'a file': {
      given: content,
      use: async (given) => {
        const { stream, description: of } = sealFile(given)
        const bytes = await bytesOf(stream)
        return bytesOf(openFile(bytes, await of))
      },
    },
    'bytes that are sealed as a file': {
      given: content,
      use: async (given) => {
        const file = await sealBytes(given)
        return openBytes(file.sealed, file.description)
      },
    },
    'a piece of a stream that is sealed': {
      given: content,
      use: async (given) => {
        const file = sealFile(streamOf(few, given, few))
        const bytes = await bytesOf(file.stream)
        return openBytes(bytes, await file.description)
      },
    },
    'the key of a file': {
      given: parts.key as Uint8Array<ArrayBuffer>,
      use: (given) => openBytes(sealed, new FileDescription({ ...parts, key: given })),
    },
  },
  'throw',
)

test('[F15] sealed bytes open from any memory: in one piece, in several and in a range', async () => {
  for (const [memory, bytes] of Object.entries(await memoriesOf(sealed))) {
    const openings = [
      openBytes(bytes, description),
      bytesOf(openFile(bytes, description)),
      bytesOf(openFile(streamOf(bytes.subarray(0, 100), bytes.subarray(100)), description)),
      bytesOf(openFileRange((start, end) => bytes.subarray(start, end), description)),
    ]
    for (const opened of await Promise.all(openings)) expect(opened, memory).toEqual(content)
  }
})

test('[F15] sealed bytes that were transferred throw: in one piece, in several and in a range', async () => {
  const gone = transferred(sealed)
  const openings = [
    async () => openBytes(gone, description),
    async () => bytesOf(openFile(gone, description)),
    async () => bytesOf(openFile(streamOf(sealed.subarray(0, 100), gone), description)),
    async () => bytesOf(openFileRange(() => gone, description)),
  ]
  for (const open of openings) await expect(open()).rejects.toThrow(TypeError)
})
