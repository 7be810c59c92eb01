/** Fixtures of the tests of files: sources cut in any way, and sinks. */
import { isE2eeError } from '@conclave/e2ee/errors'
import { parseFileDescription } from '@conclave/e2ee/files'
import type { FileDescription, SealedFile } from '@conclave/e2ee/files'

/** Bytes of which no two chunks are the same, as in the vectors. */
export const counting = (first: number, length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => first + index + (index >> 8))

/** A description out of its JSON. */
export function descriptionOf(value: unknown): FileDescription {
  const description = parseFileDescription(value)
  if (description === undefined) throw new Error('expected a description')
  return description
}

/** The description of a file that is sealed to its end for it. */
export async function describeSealed({
  stream,
  description,
}: SealedFile): Promise<FileDescription> {
  await stream.pipeTo(new WritableStream())
  return description
}

/** The bytes as a stream, in pieces of these lengths, over and over; read only when they are asked for. */
export function streamOf(
  bytes: Uint8Array,
  pieces: readonly number[] = [bytes.length],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let [at, turn] = [0, 0]
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: (controller) => {
        if (at >= bytes.length) return controller.close()
        const length = pieces[turn++ % pieces.length] ?? 1
        controller.enqueue(bytes.slice(at, at + length))
        at += length
      },
    },
    { highWaterMark: 0 },
  )
}

/** All that a stream gives, or its own error, which a `Response` of Chromium hides. */
export async function bytesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pieces.push(next.value)
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

/** The bytes that a stream gave before it failed, and the code of its error; `undefined` if it did not fail. */
export async function readUntilFailure(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ readonly released: Uint8Array<ArrayBuffer>; readonly code: string | undefined }> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let code: string | undefined
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      pieces.push(next.value)
    }
  } catch (error) {
    if (!isE2eeError(error)) throw error
    code = error.code
  }
  return { released: new Uint8Array(await new Blob(pieces).arrayBuffer()), code }
}

/** `undefined` if the arrays are the same, else where they differ: tells more than a dump of both. */
export function firstDifference(left: Uint8Array, right: Uint8Array): string | undefined {
  if (left.length !== right.length) return `lengths ${left.length} and ${right.length}`
  const at = left.findIndex((byte, index) => byte !== right[index])
  return at === -1 ? undefined : `at ${at}`
}

/** A {@link countedSource}. */
export interface CountedSource {
  /** How often it was asked for more. */
  asked: number
  /** The reason with which it was cancelled. */
  reason: unknown
  stream: ReadableStream<Uint8Array>
}

/** A source of chunks that counts how many were asked for, and hears of its end. */
export function countedSource(bytes: Uint8Array, piece = 4096): CountedSource {
  const source: CountedSource = { asked: 0, reason: undefined, stream: new ReadableStream() }
  source.stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const at = source.asked * piece
        source.asked += 1
        if (at >= bytes.length) controller.close()
        else controller.enqueue(bytes.slice(at, at + piece))
      },
      cancel: (reason) => {
        source.reason = reason
      },
    },
    { highWaterMark: 0 },
  )
  return source
}

/** Everything that was begun comes to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await crypto.subtle.digest('SHA-256', new Uint8Array(1))
}

/** The reason with which a promise rejects, of any type; `'nothing'` when it does not. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => error,
  )
