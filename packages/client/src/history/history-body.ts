/**
 * The bodies of messages about history: a question for a page of it, and a page. spec R62
 *
 * @module
 */
import {
  type Shape,
  decodeBase64Url,
  encodeBase64Url,
  hasShape,
  isIntegerUpTo,
} from '@conclave/base'
import type { PersonCertificate } from '@conclave/e2ee/session'
import { type ParticipantId, parseParticipantId } from '@conclave/wire'
import { MAX_NAME_LENGTH, decodeJson, encodeBody } from '../messages/bodies.ts'
import { HISTORY_BOUNDS } from './history-bounds.ts'

/** A message by its author and its place in the author's stream to the room. */
export interface HistoryPlace {
  readonly author: ParticipantId
  readonly sequence: number
}

/** Asks for the messages before one, the newest first; `null` asks for the newest of all. */
export interface HistoryQuestion {
  readonly type: 'question'
  readonly number: number
  readonly before: HistoryPlace | null
}

/** The author of messages, as a member tells it. Only its signatures prove anything. */
export interface ToldAuthor {
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly name: string
  readonly person: PersonCertificate | undefined
}

/** A message as a member tells it. */
export interface ToldMessage {
  /** In the authors of its page. */
  readonly author: number
  readonly sequence: number
  /** The signed body: a signature, then the content. */
  readonly body: Uint8Array<ArrayBuffer>
}

/** Answers a question: messages in the order in which the member has them, oldest first. */
export interface HistoryPage {
  readonly type: 'page'
  /** That of the question. */
  readonly number: number
  readonly authors: readonly ToldAuthor[]
  readonly messages: readonly ToldMessage[]
  /** Whether there are older ones. */
  readonly more: boolean
  /** Whether the member has been told everything itself. */
  readonly complete: boolean
}

/** The bytes of a question. */
export function encodeQuestion({ number, before }: HistoryQuestion): Uint8Array<ArrayBuffer> {
  return encodeBody({ number, before: before && [before.author, before.sequence] })
}

/** The bytes of a page. */
export function encodePage(page: HistoryPage): Uint8Array<ArrayBuffer> {
  const { number, authors, messages, more, complete } = page
  return encodeBody({
    ...{ number, more, complete },
    authors: authors.map(({ signingKey, name, person }) => [
      encodeBase64Url(signingKey),
      name,
      ...(person ? [encodeBase64Url(person.personKey), encodeBase64Url(person.signature)] : []),
    ]),
    messages: messages.map(({ author, sequence, body }) => [
      author,
      sequence,
      encodeBase64Url(body),
    ]),
  })
}

/** A question or a page, or `undefined` when it is neither. Never throws. */
export function decodeHistory(bytes: Uint8Array): HistoryQuestion | HistoryPage | undefined {
  const value = decodeJson(bytes)
  if (hasShape<JsonQuestion>(value, QUESTION)) {
    const before = value.before === null ? null : placeOf(value.before)
    return before === undefined ? undefined : { type: 'question', number: value.number, before }
  }
  if (!hasShape<JsonPage>(value, PAGE)) return undefined
  const authors = value.authors.map(authorOf).filter((author) => author !== undefined)
  const messages = value.messages
    .map((message) => messageOf(message, authors.length))
    .filter((message) => message !== undefined)
  const isWhole =
    authors.length === value.authors.length && messages.length === value.messages.length
  const { number, more, complete } = value
  return isWhole ? { type: 'page', number, authors, messages, more, complete } : undefined
}

interface JsonQuestion {
  readonly number: number
  readonly before: unknown
}

interface JsonPage {
  readonly number: number
  readonly more: boolean
  readonly complete: boolean
  readonly authors: readonly unknown[]
  readonly messages: readonly unknown[]
}

const placeOf = (value: unknown): HistoryPlace | undefined => {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const author = parseParticipantId(value[0])
  const sequence: unknown = value[1]
  return author !== undefined && isSequence(sequence) ? { author, sequence } : undefined
}

const authorOf = (value: unknown): ToldAuthor | undefined => {
  if (!Array.isArray(value)) return undefined
  const [key, name, personKey, signature] = value as readonly unknown[]
  const signingKey = bytesOf(key, 32, 32)
  if (signingKey === undefined || typeof name !== 'string' || name.length > MAX_NAME_LENGTH) {
    return undefined
  }
  if (value.length === 2) return { signingKey, name, person: undefined }
  const person = { personKey: bytesOf(personKey, 32, 32), signature: bytesOf(signature, 64, 64) }
  const isWhole = value.length === 4 && person.personKey && person.signature
  return isWhole ? { signingKey, name, person: person as PersonCertificate } : undefined
}

const messageOf = (value: unknown, authors: number): ToldMessage | undefined => {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [author, sequence, text] = value as readonly unknown[]
  const body = bytesOf(text, 64, HISTORY_BOUNDS.bodyBytes)
  if (body === undefined || !isIntegerUpTo(authors - 1, author) || !isSequence(sequence)) {
    return undefined
  }
  return { author, sequence, body }
}

const bytesOf = (value: unknown, min: number, max: number): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = typeof value === 'string' ? decodeBase64Url(value) : undefined
  return bytes && bytes.length >= min && bytes.length <= max ? bytes : undefined
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isSequence = (value: unknown): value is number => isIntegerUpTo(2 ** 48, value)
const isNumber = (value: unknown): boolean => isIntegerUpTo(2 ** 32, value)
const isList = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= HISTORY_BOUNDS.pageMessages

const QUESTION: Shape<JsonQuestion> = {
  number: isNumber,
  before: (value) => value === null || Array.isArray(value),
}
const PAGE: Shape<JsonPage> = {
  number: isNumber,
  more: isFlag,
  complete: isFlag,
  authors: isList,
  messages: isList,
}
