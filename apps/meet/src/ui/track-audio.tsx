/**
 * Sound from a track of somebody else.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useServices } from './app-context.ts'

/** Plays an audio track through the chosen speaker. */
export function TrackAudio({ track }: { readonly track: MediaStreamTrack }): JSX.Element {
  const { sound } = useServices()
  const ref = useRef<HTMLAudioElement>(null)
  useLayoutEffect(() => {
    const audio = ref.current
    if (audio === null) return undefined
    audio.srcObject = new MediaStream([track])
    return sound.attach(audio)
  }, [track, sound])
  return <audio ref={ref} autoPlay />
}
