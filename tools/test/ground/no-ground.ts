/** Entries whose exports use nothing that a platform may lack, or that only tests and Node load. */
export const NO_GROUND: readonly RegExp[] = [
  // The rows of the linter's table give them no cryptography, no storage and no network.
  /^@conclave\/(base|wire)(\/|$)/,
  // It runs in Node, which has everything.
  /^@conclave\/server(\/|$)/,
  // It runs in a page, and its own tests there; files and rooms, on which it stands, have rows.
  /^@conclave\/recording(\/|$)/,
  /\/testing/,
]
