import { describeType, isBytes, viewBytes } from '@conclave/base'
import { isBlob } from './file-source.ts'
import type { FileSource } from './file-source.ts'

/**
 * Reads one source or several, one after the other, into arrays of any length, whatever the lengths of the pieces that
 * arrive. Never reads further than it must.
 */
export class SourceReader {
  readonly #sources: (() => FileSource | Promise<FileSource>)[]
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #rest: Uint8Array = NOTHING
  #stopped: { readonly reason: unknown } | undefined

  /**
   * Locks the first source if it is given already, so that no one else can read the stream.
   *
   * @throws TypeError when the stream is locked
   */
  constructor(...sources: (FileSource | (() => Promise<FileSource>))[]) {
    this.#sources = sources.map((source) =>
      typeof source === 'function' ? source : (): FileSource => source,
    )
    const [first] = sources
    if (first === undefined || typeof first === 'function') return
    this.#sources.shift()
    this.#begin(first)
  }

  /** Fills `target` from its beginning; resolves to the number of bytes. Fewer than fit: the sources have ended. */
  async fill(target: Uint8Array): Promise<number> {
    let at = 0
    while (at < target.length && (await this.#hasMore())) {
      const piece = this.#rest.subarray(0, target.length - at)
      this.#rest = this.#rest.subarray(piece.length)
      target.set(piece, at)
      at += piece.length
    }
    return at
  }

  /** Whether everything has been read. */
  async isAtEnd(): Promise<boolean> {
    return !(await this.#hasMore())
  }

  /** Ends the sources; a pending read fails with the reason. spec F13 */
  stop(reason: unknown): void {
    if (this.#stopped !== undefined) return
    this.#stopped = { reason }
    this.#rest = NOTHING
    this.#sources.length = 0
    // The result of cancelling a source no longer matters.
    this.#reader?.cancel(reason).catch(() => {})
  }

  async #hasMore(): Promise<boolean> {
    while (this.#rest.length === 0) {
      this.#refuseStopped()
      const piece = await this.#read()
      this.#refuseStopped()
      if (piece === undefined) return false
      const bytes = isBytes(piece) ? viewBytes(piece) : undefined
      if (bytes === undefined) {
        throw new TypeError(`"source" expected a stream of Uint8Array, got ${describeType(piece)}`)
      }
      this.#rest = bytes
    }
    return true
  }

  async #read(): Promise<unknown> {
    while (true) {
      if (this.#reader !== undefined) {
        const { done, value } = await this.#reader.read()
        if (!done) return value
        this.#reader = undefined
      }
      const next = this.#sources.shift()
      if (next === undefined) return undefined
      const source = await next()
      this.#begin(source)
      if (this.#rest.length > 0) return this.#rest
    }
  }

  #begin(source: FileSource): void {
    if (isBytes(source)) this.#rest = source
    else this.#reader = (isBlob(source) ? streamOf(source) : source).getReader()
    if (this.#stopped !== undefined) this.#reader?.cancel(this.#stopped.reason).catch(() => {})
  }

  // oxlint-disable typescript/only-throw-error -- the reason of an abort is the caller's
  #refuseStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason
  }
  // oxlint-enable typescript/only-throw-error
}

/** The files of jsdom and happy-dom, in which applications test, have no stream. */
const streamOf = (blob: Blob): ReadableStream<Uint8Array> =>
  typeof blob.stream === 'function'
    ? blob.stream()
    : new ReadableStream({
        async start(controller) {
          controller.enqueue(new Uint8Array(await blob.arrayBuffer()))
          controller.close()
        },
      })

const NOTHING = new Uint8Array()
