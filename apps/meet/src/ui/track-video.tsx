/**
 * A picture from a track.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Plays a video track without sound; without a track the element stays, empty. */
export function TrackVideo(
  props: { readonly track: MediaStreamTrack | undefined } & Omit<
    JSX.IntrinsicElements['video'],
    'ref'
  >,
): JSX.Element {
  const { track, ...attributes } = props
  const ref = useRef<HTMLVideoElement>(null)
  useLayoutEffect(() => {
    const video = ref.current
    if (video === null) return
    // The attribute as well as the property: some browsers decide by it whether a page may play.
    video.defaultMuted = true
    video.muted = true
    video.srcObject = track === undefined ? null : new MediaStream([track])
    if (track !== undefined) void video.play().catch(() => undefined)
  }, [track])
  return <video ref={ref} autoPlay playsInline disablePictureInPicture {...attributes} />
}
