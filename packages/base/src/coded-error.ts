/**
 * Errors with a code to switch on: each package has one class, one table of codes, and a predicate. Codes cross
 * realms, copies of a package and `JSON`; classes do not.
 *
 * @module
 */

/** The message of each code of a package. */
export type ErrorMessages<Details extends object> = { readonly [Code in keyof Details]: string }

/** The options of an error beside its code and details. */
export interface CodedErrorOptions extends ErrorOptions {
  /** In place of the code's message, where it says more. Never a secret, key material or plaintext. */
  readonly message?: string
}

/** The common base of the error classes of all packages. `Details` maps each code to its details. */
export class CodedError<Details extends object, Code extends keyof Details> extends Error {
  /** The code, to switch on. */
  readonly code: Code
  /** The details of the code. */
  readonly details: Details[Code]

  constructor(
    code: Code,
    details: Details[Code],
    options: CodedErrorOptions & { readonly message: string },
  ) {
    super(options.message, options)
    this.code = code
    this.details = details
  }

  /** For logs: without the stack and without the cause; a `bigint` becomes text. */
  toJSON(): {
    readonly name: string
    readonly code: Code
    readonly message: string
    readonly details: unknown
  } {
    const { name, code, message, details } = this
    return JSON.parse(JSON.stringify({ name, code, message, details }, bigintToText))
  }
}

/**
 * Whether a value is an error of the class `name` with a code of the table: from this copy of the package or
 * another, from this realm or another. Never throws.
 */
export function isCodedError(value: unknown, name: string, codes: object): boolean {
  try {
    if (typeof value !== 'object' || value === null) return false
    const given = value as { readonly name?: unknown; readonly code?: unknown }
    const { code } = given
    return given.name === name && typeof code === 'string' && Object.hasOwn(codes, code)
  } catch {
    // A getter or a proxy threw.
    return false
  }
}

const bigintToText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}` : value
