/**
 * Namespaces as subjects.
 *
 * @module
 */
import { encodeBase64Url, textToBytes } from '@conclave/base'
import type { Namespace } from '@conclave/p2p'

/** Longest subject, in characters: a server refuses lines of more than 4,096. */
const MAX_SUBJECT_LENGTH = 3_072

/**
 * The subject of a namespace: the prefix, then a token for each element. A token is `_` and the element as base64url, so that no
 * character of an element joins tokens, splits one, or is a wildcard.
 *
 * @throws TypeError for a namespace that is too long
 */
export function subjectOf(prefix: string, namespace: Namespace): string {
  const tokens = namespace.map((element) => `_${encodeBase64Url(textToBytes(element))}`)
  const subject = [prefix, ...tokens].join('.')
  if (subject.length <= MAX_SUBJECT_LENGTH) return subject
  throw new TypeError(`"namespace" expected a subject of at most ${MAX_SUBJECT_LENGTH} characters`)
}
