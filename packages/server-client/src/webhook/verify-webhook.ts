import {
  checkInteger,
  checkObject,
  checkString,
  decodeBase64Url,
  textToBytes,
  concatBytes,
  copyBytes,
  timeOfDay,
} from '@conclave/base'
import { hmacBytes } from '@conclave/crypto/verify'
import { decodeDelivery } from './delivery.ts'
import type { WebhookDelivery } from './delivery.ts'

/** A request that came to the address of a webhook. */
export interface WebhookRequest {
  /** Its headers, as `Headers` or as Node's object. */
  readonly headers: WebhookHeaders
  /** Its body as it came, byte by byte. You must not parse it and print it again. */
  readonly body: Uint8Array | string
  /** The secret that the hub has for this app: `whsec_` and base64. Several ones while you exchange it. */
  readonly secret: string | readonly string[]
  /** The time of day in milliseconds since 1970. Default: the system's. */
  readonly nowMs?: number
}

/** Headers of a request, as `fetch` has them or as Node does, whose names are in lower case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Verifies that a hub sent a webhook within the last five minutes, and reads it. Returns `undefined` for everything else: answer such a request
 * with 400. The hub repeats a delivery that is not answered with a status from 200 to 299. spec G86
 *
 * You must drop a delivery whose `id` you have had: a request can be repeated within the five minutes, and the hub repeats it when your answer is lost.
 *
 * @throws TypeError for arguments of other types, and for a secret that is none; CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyWebhook(request: WebhookRequest): Promise<WebhookDelivery | undefined> {
  checkObject('request', request)
  const { headers, body, secret, nowMs = timeOfDay() } = request
  checkObject('headers', headers)
  checkInteger('nowMs', Math.floor(nowMs), { min: 0, max: Number.MAX_SAFE_INTEGER })
  const keys = [secret].flat().map(readSecret)
  if (keys.length === 0) throw new TypeError('"secret" expected one secret at least')
  const bytes = typeof body === 'string' ? textToBytes(body) : copyBytes('body', body)
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature')
  if (bytes.length > MAX_BODY_BYTES || !isId(id) || !isFresh(timestamp, nowMs)) return undefined
  const given = readSignatures(signatures)
  const signed = concatBytes(textToBytes(`${id}.${timestamp}.`), bytes)
  let isAuthentic = false
  for (const key of keys) {
    const expected = await hmacBytes(key, signed)
    for (const signature of given) if (isSame(signature, expected)) isAuthentic = true
  }
  return isAuthentic ? decodeDelivery(id, bytes) : undefined
}

const isId = (id: string | undefined): id is string => id !== undefined && ID.test(id)

const isFresh = (timestamp: string | undefined, nowMs: number): timestamp is string =>
  timestamp !== undefined &&
  /^\d{1,12}$/.test(timestamp) &&
  Math.abs(Number(timestamp) - Math.floor(nowMs / 1000)) <= TOLERANCE_S

/** The signatures of the only known version; others are ignored. */
function readSignatures(header: string | undefined): readonly Uint8Array[] {
  return (header ?? '')
    .split(' ', MAX_SIGNATURES)
    .filter((one) => one.startsWith('v1,'))
    .map((one) => decodeBase64(one.slice(3)))
    .filter((bytes) => bytes !== undefined)
}

function readSecret(secret: string): Uint8Array {
  checkString('secret', secret)
  const bytes = decodeBase64(secret.replace(/^whsec_/, ''))
  if (bytes !== undefined && bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES)
    return bytes
  throw new TypeError('"secret" expected whsec_ and base64 of 24 to 64 bytes')
}

const decodeBase64 = (text: string): Uint8Array | undefined =>
  decodeBase64Url(
    text
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  )

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  const value: unknown = isHeaders(headers) ? headers.get(name) : headers[name]
  return typeof value === 'string' ? value : undefined
}

const isHeaders = (headers: WebhookHeaders): headers is { get(name: string): string | null } =>
  typeof headers['get'] === 'function'

/** In a time that depends on the lengths only. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length
  for (const [at, byte] of other.entries()) difference |= byte ^ (one[at] ?? 0)
  return difference === 0
}

/** More than a hub sends. */
const MAX_BODY_BYTES = 262_144
const TOLERANCE_S = 300
const MAX_SIGNATURES = 16
const MIN_SECRET_BYTES = 24
const MAX_SECRET_BYTES = 64
const ID = /^[\w.-]{1,64}$/
