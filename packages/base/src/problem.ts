/**
 * A fault that no call of the application reports: it happened later, or below. One shape for all packages, so that an
 * application handles all problems in one place.
 */
export interface Problem<Code extends string = string> {
  /** Stable, to switch on. */
  readonly code: Code
  /** A sentence that says what happened. It contains no secret and no text that came from outside. */
  readonly reason: string
  /** A sentence that says what the application can do. */
  readonly fix: string
}
