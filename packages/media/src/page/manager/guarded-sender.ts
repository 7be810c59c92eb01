/**
 * Keeps tracks off a sender for as long as its frames are not protected. spec M67
 *
 * @module
 */
import { MediaError } from '../../errors.ts'

/** The protection of a sender, and whether it was lost since. */
export interface SenderProtection {
  /** Resolves when the sender may have a track; rejects if it never may. */
  readonly protection: Promise<void>
  readonly isLost: () => boolean
}

/**
 * Takes the track off a sender and puts it, or the one that `replaceTrack` names meanwhile, on it when the sender is protected:
 * never, if that fails. Once a protection was lost the sender takes no track any longer.
 */
export function guardSender(sender: RTCRtpSender, { protection, isLost }: SenderProtection): void {
  const replaceTrack = sender.replaceTrack.bind(sender)
  let wanted = sender.track
  const isOff = wanted === null ? Promise.resolve() : replaceTrack(null)
  const put = async (track: MediaStreamTrack | null): Promise<void> => {
    if (track !== null && isLost()) throw new MediaError('ERR_MEDIA_UNPROTECTED', { side: 'seal' })
    await replaceTrack(track)
  }
  let isProtected = false
  const isOn = Promise.all([isOff, protection]).then(() => {
    isProtected = true
    return wanted === null ? undefined : put(wanted)
  })
  // A failure was reported; callers of `replaceTrack` get it too.
  isOn.catch(() => {})
  sender.replaceTrack = async (track) => {
    wanted = track
    if (isProtected) return put(track)
    await (track === null ? isOff : isOff.then(() => isOn))
  }
}
