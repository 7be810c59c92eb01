/**
 * Sessions that certify themselves: the id of a session is derived from its signing key. A separate entry, so that
 * applications that only seal do not load it. Normative text: spec/session.md.
 *
 * @module
 */
export { deriveParticipantId } from './participant-id.ts'
export { createSessionKeys, SessionKeys } from './session-keys.ts'
export type { SessionPairs } from './session-keys.ts'
