/**
 * Checks made before a track is protected, and the errors for those that fail.
 *
 * @module
 */
import { describeType } from '@conclave/base'
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { findTransformApi } from './attach-transform.ts'
import type { TransformApi } from './attach-transform.ts'
import { MediaError } from '../errors.ts'
import type { FrameCryptoOptions } from './frame-crypto-options.ts'

/** Checks keys and ids when they are given: later a wrong one would look like a missing key. @throws TypeError */
export function checkSession({ keys, room, self }: FrameCryptoOptions): void {
  if (typeof keys?.epochEndingIn !== 'function') throw wrong('keys', 'a key source', keys)
  if (!parseRoomId(room)) throw wrong('room', 'a room id', room)
  if (!parseParticipantId(self)) throw wrong('self', 'a participant id', self)
}

const wrong = (name: string, expected: string, value: unknown): TypeError =>
  new TypeError(`"${name}" expected ${expected}, got ${describeType(value)}`)

/** The interface to transform frames with. @throws MediaError `ERR_MEDIA_UNSUPPORTED` */
export function requireApi(wish: 'auto' | TransformApi): TransformApi {
  const api = findTransformApi(wish)
  if (api) return api
  const missing = wish === 'encoded-streams' ? 'createEncodedStreams' : 'RTCRtpScriptTransform'
  const message = `this browser cannot transform encoded frames: ${missing} is missing`
  throw new MediaError('ERR_MEDIA_UNSUPPORTED', { missing }, { message })
}

/** Checks the id of another participant. @throws TypeError for anything else, also for `self` */
export function requireParticipant(peer: string, self: ParticipantId): ParticipantId {
  const participant = parseParticipantId(peer)
  if (participant !== undefined && participant !== self) return participant
  throw wrong('peer', 'another participant id', peer)
}

/** The error of an application that wants signatures where the format has no place for them. spec M97 */
export function unsignable(): TypeError {
  return new TypeError('"signedMedia" expected nothing: this profile has no signatures')
}

/** The error of a transform that was not set, or not confirmed. */
export function attachFailed(label: string, cause?: unknown): MediaError<'ERR_MEDIA_ATTACH'> {
  const message = `the transform of "${label}" is not in place; its track must not be used`
  const options = cause === undefined ? { message } : { message, cause }
  return new MediaError('ERR_MEDIA_ATTACH', { label }, options)
}
