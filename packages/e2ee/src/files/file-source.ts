import { describeType, isBytes, viewBytes } from '@conclave/base'

/** The bytes of a file: all at once, from a `Blob` or `File`, or as a stream, in pieces of any size. */
export type FileSource = Uint8Array | Blob | ReadableStream<Uint8Array>

/** How many bytes a source has; `undefined` for a stream, which must be read to tell. */
export function lengthOf(source: FileSource): number | undefined {
  if (isBytes(source)) return source.length
  return isBlob(source) ? source.size : undefined
}

/** Whether a value is a `Blob` or a `File`: of this realm, of another, or of happy-dom, whose blobs have no name. */
export function isBlob(value: unknown): value is Blob {
  const blob = value as Partial<Blob> | null | undefined
  return typeof blob?.arrayBuffer === 'function' && typeof blob.slice === 'function'
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
