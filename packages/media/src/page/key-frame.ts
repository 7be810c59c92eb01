/**
 * Asks an encoder for a key frame. No single interface does it everywhere. spec M22, M60
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { WorkerLink } from './worker-link.ts'

/** The sender's transform, its worker, and the clock. */
export interface KeyFrameOptions {
  readonly link: Pick<WorkerLink, 'request'>
  readonly pipe: number
  readonly clock: Clock
}

/**
 * Asks for a key frame of a video sender: by its transformer where it can, else by the sender's parameters. An engine
 * may ignore either without a word, so the other way is taken if none came.
 */
export async function forceKeyFrame(sender: RTCRtpSender, options: KeyFrameOptions): Promise<void> {
  if (!sender.track) return
  const { link, pipe, clock } = options
  const before = await countKeyFrames(options)
  const { isAsked } = await link.request({ type: 'make-key-frame', pipe })
  if (!isAsked) await askByParameters(sender)
  await new Promise<void>((resolve) => {
    clock.setTimeout(resolve, EXPECTED_WITHIN_MS)
  })
  if ((await countKeyFrames(options)) === before) await askByParameters(sender)
}

async function countKeyFrames({ link, pipe }: KeyFrameOptions): Promise<number | undefined> {
  const counters = await link.request({ type: 'read-counters' })
  return counters.find((of) => of.pipe === pipe)?.keyFrames
}

async function askByParameters(sender: RTCRtpSender): Promise<void> {
  const parameters = sender.getParameters()
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }))
  // Fails when the sender has ended or its parameters were set meanwhile: then a key frame is not far.
  await sender.setParameters(parameters, { encodingOptions }).catch(() => {})
}

/** Half the time that video waits for it. spec M59 */
const EXPECTED_WITHIN_MS = 250
