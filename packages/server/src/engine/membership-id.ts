import { encodeBase64Url } from '@conclave/base'
import { ID_BYTES } from '@conclave/wire'
import type { Brand } from '@conclave/wire'

/** Names one stay of one participant in one room; known to hubs only. */
export type SessionId = Brand<string, 'SessionId'>

/** A session id that no other hub makes either. */
export function randomSessionId(): SessionId {
  return encodeBase64Url(randomBytes(ID_BYTES)) as SessionId
}

/** Bytes that nobody can foretell. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}
