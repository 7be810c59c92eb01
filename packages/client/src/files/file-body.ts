/**
 * The bodies of messages about files, and their decoder: their sender may be hostile. spec R191
 *
 * @module
 */
import {
  type Shape,
  decodeBase64Url,
  encodeBase64Url,
  hasShape,
  isIntegerUpTo,
  isRecord,
} from '@conclave/base'
import { MAX_PARTS_SIZE, type TransferSecrets, isFileName, isFileType } from '@conclave/e2ee/files'
import { decodeJson, encodeBody } from '../messages/bodies.ts'
import { TOLD_REASONS, type ToldReason } from './file-end.ts'

/** The id of a transfer as text. spec F17 */
export type TransferId = string

/** The description of a file that is offered. */
export interface OfferedFile {
  readonly name: string
  /** Bytes of content. */
  readonly size: number
  /** A media type; empty if it is not known. */
  readonly type: string
}

/** A message about a file. spec R191 */
export type FileBody =
  | { readonly type: 'offer'; readonly secrets: TransferSecrets; readonly file: OfferedFile }
  | { readonly type: 'pause'; readonly id: TransferId; readonly paused: boolean }
  | { readonly type: 'end'; readonly id: TransferId; readonly reason: ToldReason }

/** The bytes of a message. An offer has the key of its transfer: you must seal it for the receiver only. */
export function encodeFileBody(body: FileBody): Uint8Array<ArrayBuffer> {
  if (body.type !== 'offer') return encodeBody(body)
  const { secrets, file } = body
  const { name, size, type: mediaType } = file
  const [id, key] = [encodeBase64Url(secrets.id), encodeBase64Url(secrets.key)]
  return encodeBody({ type: 'offer', id, key, name, size, mediaType })
}

/** A message about a file, or `undefined` when it is malformed. Never throws. */
export function decodeFileBody(bytes: Uint8Array): FileBody | undefined {
  const value = decodeJson(bytes)
  if (!isRecord(value)) return undefined
  if (hasShape(value, OFFER)) {
    const { name, size, mediaType } = value
    const [id, key] = [bytesOf(value.id, ID_BYTES), bytesOf(value.key, KEY_BYTES)]
    if (id === undefined || key === undefined) return undefined
    return { type: 'offer', secrets: { id, key }, file: { name, size, type: mediaType } }
  }
  if (hasShape(value, PAUSE)) return { type: 'pause', id: value.id, paused: value.paused }
  return hasShape(value, END) ? { type: 'end', id: value.id, reason: value.reason } : undefined
}

const bytesOf = (text: unknown, length: number): Uint8Array<ArrayBuffer> | undefined => {
  const isLength = typeof text === 'string' && text.length === Math.ceil((length * 4) / 3)
  const bytes = isLength ? decodeBase64Url(text) : undefined
  return bytes?.length === length ? new Uint8Array(bytes) : undefined
}

const ID_BYTES = 16
const KEY_BYTES = 32
const isId = (value: unknown): boolean => bytesOf(value, ID_BYTES) !== undefined
const isType =
  (type: FileBody['type']) =>
  (value: unknown): boolean =>
    value === type

const OFFER: Shape<{
  readonly type: 'offer'
  readonly id: TransferId
  readonly key: string
  readonly name: string
  readonly size: number
  readonly mediaType: string
}> = {
  type: isType('offer'),
  id: isId,
  key: (value) => bytesOf(value, KEY_BYTES) !== undefined,
  name: isFileName,
  size: (value) => isIntegerUpTo(MAX_PARTS_SIZE, value),
  mediaType: (value) => value === '' || isFileType(value),
}
const PAUSE: Shape<Extract<FileBody, { type: 'pause' }>> = {
  type: isType('pause'),
  id: isId,
  paused: (value) => typeof value === 'boolean',
}
const END: Shape<Extract<FileBody, { type: 'end' }>> = {
  type: isType('end'),
  id: isId,
  reason: (value) => (TOLD_REASONS as readonly unknown[]).includes(value),
}
