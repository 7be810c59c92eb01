/**
 * The level of the microphone, as a bar and as a sentence.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { LocalMedia } from '../state/local-media.ts'
import { useServices } from './app-context.ts'
import { strings } from './strings.ts'

/** A live meter; the bar moves without a new render. */
export function LevelMeterView({ media }: { readonly media: LocalMedia }): JSX.Element {
  const { levels } = useServices()
  const bar = useRef<HTMLDivElement>(null)
  const heard = useSignal(false)
  const microphone = media.microphone.value
  const track = microphone.state === 'on' && !microphone.muted ? microphone.track : undefined
  useEffect(() => {
    heard.value = false
    if (track === undefined) return undefined
    const stop = levels.watch(track, (level) => {
      bar.current?.style.setProperty('--level', level.toFixed(2))
      bar.current?.setAttribute('aria-valuenow', String(Math.round(level * 100)))
      if (level > AUDIBLE) heard.value = true
    })
    return () => {
      stop()
      bar.current?.style.setProperty('--level', '0')
    }
  }, [track, levels])
  return (
    <div class="level">
      <div
        ref={bar}
        class="level-bar"
        role="meter"
        aria-label={strings.lobby.level}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={0}
      />
      <p class="field-hint">
        {hintOf(microphone.state === 'on', track !== undefined, heard.value)}
      </p>
    </div>
  )
}

const AUDIBLE = 0.15

const hintOf = (open: boolean, listening: boolean, heard: boolean): string => {
  if (!open) return ''
  if (!listening) return strings.lobby.muted
  return heard ? strings.lobby.heard : strings.lobby.silent
}
