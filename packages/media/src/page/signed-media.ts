/**
 * Signed media on the page: the session certifies the key that its worker made. spec M88, M97
 *
 * @module
 */
import { describeType, isRecord } from '@conclave/base'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { encodeMediaCertificate, mediaKeyStatement } from '../shared/media-certificate.ts'
import type { SigningChoices } from '../shared/protocol.ts'
import type { WorkerLink } from './worker-link.ts'

/** The keys of a session that certify its media key: `SessionKeys` of `@conclave/e2ee/session`. */
export interface MediaSession {
  readonly id: ParticipantId
  /** Ed25519, 32 bytes; the id certifies it. */
  readonly signingKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** The signatures of media: of this session, and of others. */
export interface SignedMedia {
  /** The keys of this session, whose media is signed then. Left out: it is not signed. */
  readonly session?: MediaSession | undefined
  /**
   * Whether a participant signs its media. You must answer with what its session said in authenticated signalling, once and for all: a
   * wrong answer shows nothing of it. Left out: nobody does.
   */
  signs?(participant: ParticipantId): boolean
}

/** The choices that the worker is told when it starts. */
export function signingChoices({ session }: SignedMedia, room: RoomId): SigningChoices {
  return { isSigner: session !== undefined, room: idToBytes(room) }
}

/** Lets the session certify a key of the worker. @throws as `sign` of the session, and as the worker fails (rejects) */
export async function certifyMediaKey(
  session: MediaSession,
  { link, room }: { readonly link: WorkerLink; readonly room: RoomId },
): Promise<void> {
  const { signingKey } = session
  const { publicKey: mediaKey } = await link.request({ type: 'make-media-key' })
  const signature = await session.sign(mediaKeyStatement(idToBytes(room), mediaKey))
  const certificate = encodeMediaCertificate({ signingKey, mediaKey, signature })
  await link.request({ type: 'certify-media-key', certificate })
}

/** @throws TypeError that names `signedMedia` */
export function checkSignedMedia(given: SignedMedia | undefined, self: ParticipantId): void {
  if (given === undefined) return
  const { session } = given ?? {}
  const isSession =
    session === undefined || (session?.id === self && typeof session.sign === 'function')
  const hasSigners = given?.signs === undefined || typeof given.signs === 'function'
  if (isRecord(given) && isSession && hasSigners) return
  throw new TypeError(
    `"signedMedia" expected the keys of this session, and who signs, got ${describeType(given)}`,
  )
}
