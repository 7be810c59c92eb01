/**
 * Notices when a person speaks into a microphone that is off.
 *
 * @module
 */
import { effect } from '@preact/signals'
import type { Clock } from '@conclave/base'
import type { LocalMedia } from './local-media.ts'
import { createSpeakingGate } from './speaking-gate.ts'
import type { LevelPort } from './speaking-monitor.ts'

/**
 * Calls `tell` once each time that the microphone is off and hears speech for a moment; returns how
 * to stop. The sound is measured on this device and goes nowhere.
 */
export function watchMutedSpeech(
  media: LocalMedia,
  context: { readonly levels: LevelPort; readonly clock: Clock; readonly tell: () => void },
): () => void {
  return effect(() => {
    const microphone = media.microphone.value
    if (microphone.state !== 'on' || !microphone.muted) return undefined
    // A track that is off is silent for everyone, this page included: a copy of it listens.
    const copy = microphone.track.clone()
    copy.enabled = true
    const gate = createSpeakingGate()
    let since: number | undefined
    const stop = context.levels.watch(copy, (level) => {
      const now = context.clock.now()
      if (!gate.hear(level, now)) since = undefined
      else if (now - (since ??= now) >= SPEECH_MS) end()
    })
    let ended = false
    const end = (): void => {
      release()
      context.tell()
    }
    const release = (): void => {
      if (ended) return
      ended = true
      stop()
      copy.stop()
    }
    return release
  })
}

/** A cough is shorter. */
const SPEECH_MS = 1200
