/**
 * The body of a message that repeats the statements of a room's owner and hosts. spec R73
 *
 * @module
 */
import { type Shape, decodeBase64Url, encodeBase64Url, hasShape } from '@conclave/base'
import { MAX_POLICY_BYTES } from '@conclave/e2ee/authority'
import { decodeJson, encodeBody } from '../messages/bodies.ts'

/** The statements of one message, and the state of the member that sends it. */
export interface StatementsBody {
  /** Names the sender's statements: members with the same state have nothing to tell each other. */
  readonly state: string
  readonly statements: readonly Uint8Array<ArrayBuffer>[]
}

/** The body as it is sealed. */
export function encodeStatements({ state, statements }: StatementsBody): Uint8Array<ArrayBuffer> {
  return encodeBody({ state, statements: statements.map((bytes) => encodeBase64Url(bytes)) })
}

/** The statements of a body, which nobody verified; `undefined` when it is malformed. Never throws. */
export function decodeStatements(bytes: Uint8Array): StatementsBody | undefined {
  const value = decodeJson(bytes)
  if (!hasShape(value, SHAPE)) return undefined
  const statements = value.statements
    .map((text) => decodeBase64Url(text))
    .filter((each) => each !== undefined)
  return statements.length < value.statements.length
    ? undefined
    : { state: value.state, statements }
}

/** Statements in groups, each of which fits into one message. Their order stays. */
export function groupStatements(
  statements: readonly Uint8Array<ArrayBuffer>[],
): readonly (readonly Uint8Array<ArrayBuffer>[])[] {
  const groups: Uint8Array<ArrayBuffer>[][] = []
  let bytes = Infinity
  for (const statement of statements) {
    bytes += statement.length
    const last = groups.at(-1)
    if (last === undefined || bytes > MAX_GROUP_BYTES || last.length >= MAX_STATEMENTS) {
      groups.push([statement])
      bytes = statement.length
    } else {
      last.push(statement)
    }
  }
  return groups
}

const isStatement = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= MAX_STATEMENT_CHARACTERS

const SHAPE: Shape<{ readonly state: string; readonly statements: readonly string[] }> = {
  state: (value) => typeof value === 'string' && /^[\w-]{22}$/.test(value),
  statements: (value) =>
    Array.isArray(value) && value.length <= MAX_STATEMENTS && value.every(isStatement),
}
/** The most statements of one message. spec R73 */
const MAX_STATEMENTS = 128
const MAX_STATEMENT_CHARACTERS = Math.ceil((MAX_POLICY_BYTES * 4) / 3)
/** Leaves room for base64 and the seal in a message of 64 KiB. */
const MAX_GROUP_BYTES = 40_000
