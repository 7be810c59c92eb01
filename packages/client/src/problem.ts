/**
 * The problems of a room: faults that no call reports. Each is an error with a code and what can be done. spec R32
 *
 * @module
 */
import type { Problem } from '@conclave/base'
import { MediaError, describeWorkerStart, isMediaError } from '@conclave/media'
import { P2pError, isP2pError } from '@conclave/p2p'
import { ClientError, isClientError } from './errors.ts'

/** A problem of a room. spec R32 */
export type RoomProblem = Problem<ProblemCode>

/** A code of a {@link RoomProblem}; errors with the same code mean the same. */
export type ProblemCode = OwnCode | LowerCode

/** The problem with this code. `message` takes the place of the code's own, where it says more. */
export function problemOf(code: OwnCode, message?: string): RoomProblem {
  return problemOfError(new ClientError(code, undefined, message === undefined ? {} : { message }))
}

/**
 * The problem of an error: its cause's if that is one, else its own, else that of `otherwise`. Only the code of an error is
 * used, and why a worker did not start, because its text may come from outside.
 */
export function problemFrom(error: unknown, otherwise: OwnCode): RoomProblem {
  const cause = isP2pError(error) ? error.cause : undefined
  const known = [cause, error].map(withOwnMessage).find(isKnown)
  return known === undefined ? problemOf(otherwise) : problemOfError(known)
}

type OwnCode =
  | 'ERR_CLIENT_ACCESS'
  | 'ERR_CLIENT_CLEARTEXT_RISK'
  | 'ERR_CLIENT_MESSAGE_FAILED'
  | 'ERR_CLIENT_MEDIA'
  | 'ERR_CLIENT_MESSAGE_REFUSED'
  | 'ERR_CLIENT_NOT_SIGNED'
  | 'ERR_CLIENT_OVERFLOW'
  | 'ERR_CLIENT_PERSON'
  | 'ERR_CLIENT_ROOM_SPENT'
  | 'ERR_CLIENT_ROSTER_FULL'
  | 'ERR_CLIENT_TRACK_ENDED'

type LowerCode =
  | 'ERR_MEDIA_NO_KEY'
  | 'ERR_MEDIA_WORKER_FAILED'
  | 'ERR_MEDIA_WORKER_START'
  | 'ERR_P2P_EMIT_FAILED'
  | 'ERR_P2P_ICE_SERVERS'
  | 'ERR_P2P_NEGOTIATION_FAILED'
  | 'ERR_P2P_PROTECT_FAILED'
  | 'ERR_P2P_TOO_MANY_PEERS'
  | 'ERR_P2P_UNREACHABLE'
  | 'ERR_P2P_UNSUPPORTED_CODEC'

interface KnownError {
  readonly code: ProblemCode
  readonly message: string
  readonly fix?: string
}

/** The same error with the message of its package. */
const withOwnMessage = (
  error: unknown,
): (Omit<KnownError, 'code'> & { readonly code: string }) | undefined => {
  if (isMediaError(error)) {
    if (error.code !== 'ERR_MEDIA_WORKER_START') return new MediaError(error.code, error.details)
    const { reason, fix } = describeWorkerStart(error)
    return { code: error.code, message: reason, fix: `${fix}; then join again` }
  }
  if (isP2pError(error)) return new P2pError(error.code, error.details)
  return isClientError(error) ? new ClientError(error.code, error.details) : undefined
}

const isKnown = (error: ReturnType<typeof withOwnMessage>): error is KnownError =>
  error !== undefined && Object.hasOwn(FIXES, error.code)

const problemOfError = ({ code, message, fix = FIXES[code] }: KnownError): RoomProblem =>
  Object.freeze({ code, reason: message, fix })

const REJOIN = 'leave the room and join again'
const WAIT = 'wait: it is tried again'

const FIXES: Readonly<Record<ProblemCode, string>> = {
  ERR_CLIENT_ACCESS: WAIT,
  ERR_CLIENT_CLEARTEXT_RISK: REJOIN,
  ERR_CLIENT_MESSAGE_FAILED: 'keep the key source open, and its keys current',
  ERR_CLIENT_MEDIA: REJOIN,
  ERR_CLIENT_MESSAGE_REFUSED: 'send less, or raise the limits of the hub',
  ERR_CLIENT_NOT_SIGNED:
    'trust neither the media server nor everyone here: meet in another room, or over a mesh',
  ERR_CLIENT_OVERFLOW: 'send less, and wait for the hub',
  ERR_CLIENT_PERSON: 'let the page store data, or give another storage as `persons`',
  ERR_CLIENT_ROOM_SPENT:
    'let the owner make a new link; in a room without an owner, leave it and join again',
  ERR_CLIENT_ROSTER_FULL: 'use a hub that bounds its rooms',
  ERR_CLIENT_TRACK_ENDED: 'publish another track, or unpublish the source',
  ERR_MEDIA_NO_KEY: 'give the key source a key',
  ERR_MEDIA_WORKER_FAILED:
    'wait: media is made again; when `snapshot.media` says `stopped`, leave the room and join again',
  ERR_MEDIA_WORKER_START: 'serve the worker, then join again',
  ERR_P2P_EMIT_FAILED: WAIT,
  ERR_P2P_ICE_SERVERS: 'make `iceServers` resolve within 5 s to servers that browsers take',
  ERR_P2P_NEGOTIATION_FAILED: WAIT,
  ERR_P2P_PROTECT_FAILED: REJOIN,
  ERR_P2P_UNREACHABLE: 'give a TURN server in `iceServers`; it is tried again',
  ERR_P2P_UNSUPPORTED_CODEC:
    'use a browser that has a codec of the other one, or allow more of them',
  ERR_P2P_TOO_MANY_PEERS: 'use a media transport other than the mesh',
}
