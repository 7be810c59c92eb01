import { ByteReader, concatBytes, decodeBytes, decodeText, textToBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES } from '@conclave/crypto'
import type { PersonCertificate } from './person-keys.ts'

/** Length of the digest that names a sealed introduction, in bytes. spec C13 */
export const INTRODUCTION_DIGEST_BYTES = 16

/** The longest name in an introduction, in bytes of UTF-8. spec C11 */
export const MAX_INTRODUCED_NAME_BYTES = 240

/** The reason for an introduction: it asks to be admitted, answers, or looks who is there. spec C12 */
export type IntroductionStatus = (typeof STATUSES)[number]

/** The content of an introduction but for its signature. */
export interface IntroductionBody {
  readonly status: IntroductionStatus
  readonly wantsAnswer: boolean
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly agreementKey: Uint8Array<ArrayBuffer>
  /** The digest of the introduction that this one answers. */
  readonly answers: Uint8Array<ArrayBuffer> | undefined
  readonly person: PersonCertificate | undefined
  /** Empty unless it asks. */
  readonly name: string
}

/** Everything before the signature. You must check that it decodes again. spec C11 */
export function encodeIntroductionBody(body: IntroductionBody): Uint8Array<ArrayBuffer> {
  const { status, wantsAnswer, answers, person } = body
  const name = textToBytes(body.name)
  return concatBytes(
    [VERSION, STATUSES.indexOf(status), (wantsAnswer ? WANTS_ANSWER : 0) | (person ? PERSON : 0)],
    ...[body.signingKey, body.agreementKey, answers ?? NO_DIGEST],
    ...(person === undefined ? [] : [person.personKey, person.signature]),
    ...[[name.length], name],
  )
}

/**
 * Decodes an introduction, and copies it; `signedLength` is the length of everything before the signature. Returns
 * `undefined`, not throws, for anything that {@link encodeIntroductionBody} does not make. Verifies nothing. spec C11,
 * C12
 */
export function decodeIntroductionBody(given: unknown):
  | (IntroductionBody & {
      readonly signedLength: number
      readonly signature: Uint8Array<ArrayBuffer>
    })
  | undefined {
  const bytes = decodeBytes(given, { min: MIN_BODY_BYTES, max: MAX_BODY_BYTES })
  if (bytes === undefined) return undefined
  const reader = new ByteReader(bytes)
  const [version, statusNumber, flags] = [reader.uint(1), reader.uint(1), reader.uint(1)]
  const signingKey = reader.copy(CURVE_KEY_BYTES)
  const agreementKey = reader.copy(CURVE_KEY_BYTES)
  const digest = reader.copy(INTRODUCTION_DIGEST_BYTES)
  const hasPerson = (flags & PERSON) !== 0
  const person = hasPerson
    ? { personKey: reader.copy(CURVE_KEY_BYTES), signature: reader.copy(SIGNATURE_BYTES) }
    : undefined
  const name = decodeText(reader.take(reader.uint(1)))
  const signedLength = reader.at
  const signature = reader.copy(SIGNATURE_BYTES)
  const status = STATUSES[statusNumber]
  if (!reader.ok || reader.left > 0 || version !== VERSION) return undefined
  if (flags > (WANTS_ANSWER | PERSON) || status === undefined || name === undefined)
    return undefined
  const answers = digest.some((byte) => byte !== 0) ? digest : undefined
  const wantsAnswer = (flags & WANTS_ANSWER) !== 0
  const body = { status, wantsAnswer, signingKey, agreementKey, answers, person, name }
  return isPossible(body) ? { ...body, signedLength, signature } : undefined
}

/** Whether the parts go together: only whoever asks has a name, and whoever looks says nothing about itself. spec C12 */
function isPossible({ status, name, answers, person }: IntroductionBody): boolean {
  if (status === 'asks') return textToBytes(name).length <= MAX_INTRODUCED_NAME_BYTES
  if (status === 'looks') return name === '' && answers === undefined && person === undefined
  return name === '' && answers !== undefined
}

const STATUSES = ['asks', 'admitted', 'waiting', 'refused', 'looks'] as const
const VERSION = 1
const WANTS_ANSWER = 1
const PERSON = 2
const NO_DIGEST = new Uint8Array(INTRODUCTION_DIGEST_BYTES)
/** The shortest body, in bytes: no person, no name. spec C11 */
export const MIN_BODY_BYTES: number =
  4 + 2 * CURVE_KEY_BYTES + INTRODUCTION_DIGEST_BYTES + SIGNATURE_BYTES
/** The longest body, in bytes. spec C11 */
export const MAX_BODY_BYTES: number =
  MIN_BODY_BYTES + CURVE_KEY_BYTES + SIGNATURE_BYTES + MAX_INTRODUCED_NAME_BYTES
