/**
 * A fuzz target: a decoder of something from outside, with the outcomes that are allowed.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util'
import type { Random } from './random.ts'

/** One decoder, or a few that take the same input. */
export interface FuzzTarget {
  /** `group/decoder`. */
  readonly name: string
  /** How many inputs it gets in relation to the others; those that do much cryptography get few. */
  readonly share: number
  /** Makes keys and valid inputs, from fixed bytes. */
  prepare(): Promise<PreparedTarget>
}

/** A target that is ready. */
export interface PreparedTarget {
  /**
   * Makes one random input, gives it to the decoder, and returns the outcome in a word.
   * Each call stands for itself, so that one input can be tried again without those before.
   *
   * @throws FuzzFailure for an outcome that is not allowed; whatever else is thrown is one too
   */
  attempt(this: void, random: Random, note: (input: unknown) => void): string | Promise<string>

  /** After all inputs: that state is still as it was. @throws FuzzFailure */
  finish?(this: void): Promise<void>
}

/** An outcome that is not allowed. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure'
  readonly type: 'forged' | 'wrong'

  /** `forged`: something opened that nobody sealed; `wrong`: any other broken promise. */
  constructor(type: 'forged' | 'wrong', message: string) {
    super(message)
    this.type = type
  }
}

/** Fails as `wrong` unless it holds. */
export function mustHold(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new FuzzFailure('wrong', promise)
}

/** Fails as `wrong` unless both are the same, deeply, with prototypes. */
export function mustEqual(actual: unknown, expected: unknown, promise: string): void {
  mustHold(isDeepStrictEqual(actual, expected), promise)
}

/** The code of an error of the typed set; throws anything else on. */
export function codeOf(error: unknown, codes: ReadonlySet<string>): string {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown }
  const isTyped = name === 'E2eeError' || name === 'VaultError' || name === 'ClientError'
  if (error instanceof Error && isTyped && typeof code === 'string' && codes.has(code)) return code
  throw error
}

/** `TypeError` and `RangeError` that name the argument, in quotes; throws anything else on. */
export function argumentErrorOf(error: unknown): string {
  const isOurs = error instanceof TypeError || error instanceof RangeError
  if (isOurs && /^"[\w.]+" /.test(error.message)) return error.name
  throw error
}

/** The bytes of hexadecimal text. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

/** Bytes as text, to tell whether they are among known ones. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
