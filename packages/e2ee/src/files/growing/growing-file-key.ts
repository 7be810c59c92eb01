import { checkInstance, copyBytes, encodeBase64Url } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { FILE_ID_BYTES, FILE_KEY_BYTES, parseFileBytes } from '../file-description.ts'
import { DIGEST_BYTES, isChunkSize, MAX_CHUNK_BYTES, MAX_FILE_CHUNKS } from '../file-layout.ts'

/**
 * The key of a growing file as JSON. You must seal it, and show it only to those who may read the file. spec Q10
 */
export interface GrowingFileKeyJson {
  readonly file: 3
  readonly fileId: string
  readonly key: string
  readonly chunkSize: number
  /** Bytes of content and the digest, once the file has ended. */
  readonly size?: number
  readonly digest?: string
}

/** The end of a file that was ended. spec Q9 */
export interface GrowingFileDigest {
  /** Bytes of content. */
  readonly size: number
  readonly digest: Uint8Array
}

/** The parts of a growing file's key, secrets included. */
export interface GrowingFileKeyParts {
  readonly fileId: Uint8Array
  readonly key: Uint8Array
  readonly chunkSize: number
  readonly end: GrowingFileDigest | undefined
}

/**
 * Opens a growing file, from its first byte on; text and JSON do not show it. Comes from `sealGrowingFile`, or from somebody
 * who gave it: then it is a claim of that participant.
 */
export class GrowingFileKey {
  /** Names the sealed bytes: random, for one sealing only, in clear at their beginning. */
  readonly fileId: string
  /** Bytes of content that are sealed together: a file that was cut off lacks less than that many at its end. */
  readonly chunkSize: number
  /** Bytes of content; `undefined` while the file grows. */
  readonly size: number | undefined
  readonly #fileId: Uint8Array<ArrayBuffer>
  readonly #key: Uint8Array<ArrayBuffer>
  readonly #digest: Uint8Array<ArrayBuffer> | undefined

  get [Symbol.toStringTag](): string {
    return 'GrowingFileKey'
  }

  /**
   * Of its parts, which it copies. Applications get theirs from `sealGrowingFile` and `parseGrowingFileKey`.
   *
   * @throws TypeError, RangeError that name the part
   */
  constructor({ fileId, key, chunkSize, end }: GrowingFileKeyParts) {
    this.#fileId = copyBytes('fileId', fileId, FILE_ID_BYTES)
    this.#key = copyBytes('key', key, FILE_KEY_BYTES)
    this.#digest = end && copyBytes('digest', end.digest, DIGEST_BYTES)
    if (!isChunkSize(chunkSize)) throw new RangeError('"chunkSize" expected as in F6')
    if (end !== undefined && !isGrownSize(end.size))
      throw new RangeError('"size" expected as in Q10')
    this.fileId = encodeBase64Url(this.#fileId)
    this.chunkSize = chunkSize
    this.size = end?.size
  }

  /** The parts, secrets included, as copies. You must overwrite the key (`fill(0)`) when you are done with it. */
  unsafeExport(): GrowingFileKeyParts {
    const { chunkSize, size } = this
    const digest = this.#digest?.slice()
    const end = size === undefined || digest === undefined ? undefined : { size, digest }
    return { fileId: this.#fileId.slice(), key: this.#key.slice(), chunkSize, end }
  }

  /** Redacted. */
  toString(): string {
    return REDACTED
  }

  /** Redacted; `encodeGrowingFileKey` returns the whole key. */
  toJSON(): string {
    return REDACTED
  }
}

/**
 * The key as JSON, **secret included**, for a value that you seal. spec Q10
 *
 * @throws TypeError for anything else
 */
export function encodeGrowingFileKey(key: GrowingFileKey): GrowingFileKeyJson {
  checkGrowingFileKey(key)
  const { fileId, key: secret, chunkSize, end } = key.unsafeExport()
  const json: GrowingFileKeyJson = {
    file: FORMAT,
    fileId: encodeBase64Url(fileId),
    key: encodeBase64Url(secret),
    chunkSize,
    ...(end && { size: end.size, digest: encodeBase64Url(end.digest) }),
  }
  wipe(secret)
  return json
}

/** Parses a key from a value that was opened. Returns `undefined`, not throws, for anything else. spec Q10 */
export function parseGrowingFileKey(value: unknown): GrowingFileKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    // These can have very many properties.
    if (Array.isArray(value) || ArrayBuffer.isView(value)) return undefined
    return parse(new Map<string, unknown>(Object.entries(value)))
  } catch {
    // A getter or a proxy that throws, or is revoked.
    return undefined
  }
}

/**
 * Checks that an argument is a key of a growing file.
 *
 * @throws TypeError that names it
 */
export function checkGrowingFileKey(value: unknown): asserts value is GrowingFileKey {
  const expected = { of: 'GrowingFileKey', method: 'unsafeExport' } as const
  checkInstance<GrowingFileKey>('key', value, expected)
}

function parse(given: ReadonlyMap<string, unknown>): GrowingFileKey | undefined {
  for (const name of given.keys()) if (!PROPERTIES.has(name)) return undefined
  const chunkSize = given.get('chunkSize')
  if (given.get('file') !== FORMAT || !isChunkSize(chunkSize)) return undefined
  const fileId = parseFileBytes(given.get('fileId'), FILE_ID_BYTES)
  const key = parseFileBytes(given.get('key'), FILE_KEY_BYTES)
  if (fileId === undefined || key === undefined) return undefined
  const hasEnd = given.has('size') || given.has('digest')
  const size = given.get('size')
  const digest = parseFileBytes(given.get('digest'), DIGEST_BYTES)
  if (hasEnd && (!isGrownSize(size) || digest === undefined)) return undefined
  const end = isGrownSize(size) && digest !== undefined ? { size, digest } : undefined
  const parsed = new GrowingFileKey({ fileId, key, chunkSize, end })
  wipe(key)
  return parsed
}

const isGrownSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SIZE

const MAX_SIZE = MAX_CHUNK_BYTES * MAX_FILE_CHUNKS
const FORMAT = 3
const REDACTED = '[GrowingFileKey]'
const PROPERTIES: ReadonlySet<string> = new Set([
  ...['file', 'fileId', 'key', 'chunkSize', 'size', 'digest'],
])
