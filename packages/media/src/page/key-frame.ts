/**
 * Asks an encoder for a key frame. No single interface does it everywhere. spec M22
 *
 * @module
 */
import type { WorkerLink } from './worker-link.ts'

/**
 * Asks for a key frame of a video sender: by its transformer where it can, else by the sender's parameters. An engine
 * may silently ignore either; receivers that lack a key frame ask for one themselves.
 */
export async function forceKeyFrame(
  sender: RTCRtpSender,
  at: { readonly link: WorkerLink; readonly pipe: number },
): Promise<void> {
  if (!sender.track) return
  const { isAsked } = await at.link.request({ type: 'make-key-frame', pipe: at.pipe })
  if (isAsked) return
  const parameters = sender.getParameters()
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }))
  // Fails when the sender has ended or its parameters were set meanwhile: then a key frame is not far.
  await sender.setParameters(parameters, { encodingOptions }).catch(() => {})
}
