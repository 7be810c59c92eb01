import {
  checkInstance,
  copyBytes,
  decodeBase64Url,
  encodeBase64Url,
  toByteString,
} from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { DIGEST_BYTES, isChunkSize, isFileSize, sealedLength } from './file-layout.ts'

/** Length of a file's key in bytes. spec F1 */
export const FILE_KEY_BYTES = 32

/** Length of a file's id in bytes. spec F1 */
export const FILE_ID_BYTES = 16

/** The most bytes of a file's name in UTF-8: no file system has longer ones. spec F6 */
export const MAX_FILE_NAME_BYTES = 1024

/**
 * A description as JSON, with the key of the file. You must seal it, as `sealFileDescription` does or as a part of
 * another sealed value, and show it only to those who may read the file. spec F6
 */
export interface FileDescriptionJson {
  readonly file: 2
  readonly fileId: string
  readonly key: string
  readonly digest: string
  readonly size: number
  readonly chunkSize: number
  /** Left out when the file is not padded. */
  readonly padded?: true
  readonly name?: string
  readonly type?: string
}

/** The parts of a description, secrets included. */
export interface FileDescriptionParts {
  readonly fileId: Uint8Array
  readonly key: Uint8Array
  readonly digest: Uint8Array
  readonly size: number
  readonly chunkSize: number
  readonly padded: boolean
  readonly name: string | undefined
  readonly type: string | undefined
}

/**
 * Describes a sealed file and holds its key, which text and JSON do not show. Comes from `sealFile`, or from
 * `openFileDescription`: then all of it is a claim of the sender, authenticated with the event.
 */
export class FileDescription {
  /** Names the sealed bytes: random, for one sealing only, in clear at their beginning. */
  readonly fileId: string
  /** The digest of all sealed bytes, base64url: a signature over the description is one over the content. spec F16 */
  readonly digest: string
  /** Bytes of content. */
  readonly size: number
  /** Bytes of content that are sealed together: the least that a range reads. */
  readonly chunkSize: number
  /** Whether the length of the sealed bytes hides the exact size. */
  readonly padded: boolean
  /** How long the sealed file is in bytes, with its header, tags and index. */
  readonly sealedSize: number
  /** A name without folders, as the sender says. You must still not let it choose where you write. */
  readonly name: string | undefined
  /** A media type, as the sender claims. You must not let it decide what is run or shown as a page. */
  readonly type: string | undefined
  readonly #fileId: Uint8Array<ArrayBuffer>
  readonly #key: Uint8Array<ArrayBuffer>
  readonly #digest: Uint8Array<ArrayBuffer>

  get [Symbol.toStringTag](): string {
    return 'FileDescription'
  }

  /**
   * Of its parts, which it copies. Applications get theirs from `sealFile` and `openFileDescription`.
   *
   * @throws TypeError, RangeError that name the part
   */
  constructor(parts: FileDescriptionParts) {
    this.#fileId = copyBytes('fileId', parts.fileId, FILE_ID_BYTES)
    this.#key = copyBytes('key', parts.key, FILE_KEY_BYTES)
    this.#digest = copyBytes('digest', parts.digest, DIGEST_BYTES)
    if (!isChunkSize(parts.chunkSize)) throw new RangeError('"chunkSize" expected as in F6')
    if (!isFileSize(parts)) throw new RangeError('"size" expected as in F6')
    this.fileId = encodeBase64Url(this.#fileId)
    this.digest = encodeBase64Url(this.#digest)
    this.size = parts.size
    this.chunkSize = parts.chunkSize
    this.padded = parts.padded
    this.sealedSize = sealedLength(parts)
    this.name = parts.name
    this.type = parts.type
  }

  /** The parts, secrets included, as copies. You must overwrite the key (`fill(0)`) when you are done with it. */
  unsafeExport(): FileDescriptionParts {
    const { size, chunkSize, padded, name, type } = this
    const secrets = { fileId: this.#fileId.slice(), key: this.#key.slice() }
    return { ...secrets, digest: this.#digest.slice(), size, chunkSize, padded, name, type }
  }

  /** Redacted. */
  toString(): string {
    return REDACTED
  }

  /** Redacted; `encodeFileDescription` returns the whole description. */
  toJSON(): string {
    return REDACTED
  }
}

/**
 * The description as JSON, **with the key of the file**, for a value that you seal. spec F6, F8
 *
 * @throws TypeError for anything else
 */
export function encodeFileDescription(description: FileDescription): FileDescriptionJson {
  checkDescription(description)
  const { fileId, key, digest, size, chunkSize, padded, name, type } = description.unsafeExport()
  const json: FileDescriptionJson = {
    file: FORMAT,
    fileId: encodeBase64Url(fileId),
    key: encodeBase64Url(key),
    digest: encodeBase64Url(digest),
    size,
    chunkSize,
    ...(padded && { padded }),
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
  }
  wipe(key)
  return json
}

/** Parses a description from a value that was opened. Returns `undefined`, not throws, for anything else. spec F6 */
export function parseFileDescription(value: unknown): FileDescription | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    // These can have very many properties.
    if (Array.isArray(value) || ArrayBuffer.isView(value)) return undefined
    return parse(value)
  } catch {
    // A getter or a proxy that throws, or is revoked.
    return undefined
  }
}

/**
 * Checks that an argument is a description.
 *
 * @throws TypeError that names it
 */
export function checkDescription(value: unknown): asserts value is FileDescription {
  const expected = { of: 'FileDescription', method: 'unsafeExport' } as const
  checkInstance<FileDescription>('description', value, expected)
}

/** Whether text can be the name of a file. spec F6 */
export function isFileName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_FILE_NAME_BYTES) return false
  const length = toByteString(value)?.length ?? 0
  return length >= 1 && length <= MAX_FILE_NAME_BYTES && value.search(NOT_IN_NAMES) === -1
}

/**
 * A file's own name with `_` for characters that a description does not allow, and before a reserved name. Returns
 * `undefined` for an empty or too long one. spec F6
 */
export function toFileName(given: unknown): string | undefined {
  const name = typeof given === 'string' ? given.replaceAll(NOT_IN_NAMES, '_') : undefined
  return isFileName(name) ? name : undefined
}

/** Whether text can be a media type. spec F6 */
export function isFileType(value: unknown): value is string {
  return typeof value === 'string' && TYPE.test(value)
}

function parse(value: object): FileDescription | undefined {
  // Only own properties, each read once.
  const given = new Map<string, unknown>(Object.entries(value))
  for (const name of given.keys()) if (!PROPERTIES.has(name)) return undefined
  const [size, chunkSize, name, type] = ['size', 'chunkSize', 'name', 'type'].map((of) =>
    given.get(of),
  )
  const padded = given.has('padded')
  if (given.get('file') !== FORMAT || typeof size !== 'number' || !isChunkSize(chunkSize)) return
  if ((padded && given.get('padded') !== true) || !isFileSize({ size, chunkSize, padded })) return
  if (given.has('name') && !isFileName(name)) return undefined
  if (given.has('type') && !isFileType(type)) return undefined
  const fileId = parseFileBytes(given.get('fileId'), FILE_ID_BYTES)
  const key = parseFileBytes(given.get('key'), FILE_KEY_BYTES)
  const digest = parseFileBytes(given.get('digest'), DIGEST_BYTES)
  if (fileId === undefined || key === undefined || digest === undefined) return undefined
  const texts = { name: name as string | undefined, type: type as string | undefined }
  const description = new FileDescription({
    fileId,
    key,
    digest,
    size,
    chunkSize,
    padded,
    ...texts,
  })
  wipe(key)
  return description
}

/** Bytes of one length from their base64url, or `undefined`. */
export function parseFileBytes(text: unknown, length: number): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length !== Math.ceil((length * 4) / 3)) return undefined
  const bytes = decodeBase64Url(text)
  return bytes?.length === length ? bytes : undefined
}

const FORMAT = 2
const REDACTED = '[FileDescription]'
const PROPERTIES: ReadonlySet<string> = new Set([
  ...['file', 'fileId', 'key', 'digest', 'size', 'chunkSize', 'padded', 'name', 'type'],
])
// Folders, characters that hide or reorder others, and names that Windows changes or takes for a device: it matches the
// empty text before these.
const NOT_IN_NAMES =
  // oxlint-disable-next-line no-control-regex -- control characters are among them
  /[/\\\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[. ]$|^(?=(?:con(?:(?:in|out)\$)?|prn|aux|nul|(?:com|lpt)[\d¹²³]) *(?:\.|$))/gi
const TYPE = /^[\u0020-\u007e]{1,255}$/
