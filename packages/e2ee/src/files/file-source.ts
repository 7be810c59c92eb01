import { describeType, isBytes, viewBytes } from '@conclave/base'

/** The bytes of a file: all at once, from a `Blob` or `File`, or as a stream, in pieces of any size. */
export type FileSource = Uint8Array | Blob | ReadableStream<Uint8Array>

/** How many bytes a source has; `undefined` for a stream, which must be read to tell. */
export function lengthOf(source: FileSource): number | undefined {
  if (isBytes(source)) return source.length
  return isBlob(source) ? source.size : undefined
}

/** Whether a value is a `Blob` or a `File`, of this realm or another. */
export function isBlob(value: unknown): value is Blob {
  const name = Object.prototype.toString.call(value)
  return name === '[object Blob]' || name === '[object File]'
}

/**
 * Checks that a value is a source.
 *
 * @throws TypeError that names the argument
 */
export function checkSource(name: string, value: unknown): FileSource {
  // A view has the length of its memory, which a subclass may deny; memory that was transferred has none.
  const source = isBytes(value) ? viewBytes(value) : value
  if (isBytes(source) || isBlob(source)) return source
  if (typeof (source as Partial<ReadableStream> | null | undefined)?.getReader === 'function') {
    return source as ReadableStream<Uint8Array>
  }
  throw new TypeError(
    `"${name}" expected Uint8Array, Blob or ReadableStream, got ${describeType(value)}`,
  )
}
