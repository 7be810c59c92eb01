/**
 * What must hold before a track is protected, and the errors that say what does not.
 *
 * @module
 */
import { parseParticipantId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { findTransformApi } from './attach-transform.ts'
import type { TransformApi } from './attach-transform.ts'
import { MediaError } from '../errors.ts'

/** The interface to transform frames with. @throws MediaError `ERR_MEDIA_UNSUPPORTED` */
export function requireApi(wish: 'auto' | TransformApi): TransformApi {
  const api = findTransformApi(wish)
  if (api) return api
  const missing = wish === 'streams' ? 'createEncodedStreams' : 'RTCRtpScriptTransform'
  throw new MediaError('ERR_MEDIA_UNSUPPORTED', {
    message: `this browser cannot transform encoded frames: ${missing} is missing`,
    details: { missing },
  })
}

/** The worker, made. @throws MediaError `ERR_MEDIA_WORKER_START` */
export function startWorker(createWorker: () => Worker): Worker {
  try {
    return createWorker()
  } catch (cause) {
    throw new MediaError('ERR_MEDIA_WORKER_START', {
      message:
        "the media worker could not be made: allow worker-src 'self' in the policy of the page",
      details: undefined,
      cause,
    })
  }
}

/** The id of somebody else. @throws TypeError for anything else, also for one's own */
export function requireParticipant(peer: string, self: ParticipantId): ParticipantId {
  const participant = parseParticipantId(peer)
  if (participant !== undefined && participant !== self) return participant
  throw new TypeError('"peer" expected the id of another participant')
}

/** The error of a transform that was not set, or not confirmed. */
export function attachFailed(label: string, cause?: unknown): MediaError<'ERR_MEDIA_ATTACH'> {
  return new MediaError('ERR_MEDIA_ATTACH', {
    message: `the transform of "${label}" is not in place; its track must not be used`,
    details: { label },
    cause,
  })
}
