import type { FileSource, GrowingFileEnd } from '@conclave/e2ee/files'
import { RecordingError } from '../errors.ts'
import type { RecordingKey } from '../recording-key.ts'
import { openRecording } from './open-recording.ts'

/** A recording that is being played. */
export interface Playback {
  /** How the recording ends, once all of it was read; rejects when it does not open or does not play. */
  readonly ended: Promise<GrowingFileEnd>
  /** Ends the playback, and lets the element go. Idempotent. */
  close(): void
}

/**
 * Plays a recording in an element, which the caller starts and stops: it is opened as it is played, 30 s ahead, and nothing of it is written
 * to disk. Seeking reaches what is buffered; for all of it export the recording. spec Q14
 *
 * @throws TypeError that names the argument
 * @throws RecordingError `ERR_RECORDING_UNSUPPORTED` where the browser has no media sources
 */
export function playRecording(
  element: HTMLMediaElement,
  sealed: FileSource,
  key: RecordingKey,
): Playback {
  if (!('MediaSource' in globalThis) || !MediaSource.isTypeSupported(MEDIA_TYPE)) {
    throw new RecordingError('ERR_RECORDING_UNSUPPORTED', { missing: ['MediaSource'] })
  }
  const closing = new AbortController()
  const { signal } = closing
  const opened = openRecording(sealed, key, { signal })
  const media = new MediaSource()
  const address = URL.createObjectURL(media)
  element.src = address
  const fed = feed(opened.stream, { media, element, signal })
  fed.catch(() => {
    if (media.readyState === 'open') media.endOfStream('decode')
  })
  return {
    ended: fed.then(() => opened.ended),
    close() {
      if (signal.aborted) return
      closing.abort()
      element.removeAttribute('src')
      element.load()
      URL.revokeObjectURL(address)
    },
  }
}

interface Playing {
  readonly media: MediaSource
  readonly element: HTMLMediaElement
  readonly signal: AbortSignal
}

async function feed(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { media, element, signal }: Playing,
): Promise<void> {
  if (media.readyState !== 'open') await heard(media, ['sourceopen'], signal)
  const buffer = media.addSourceBuffer(MEDIA_TYPE)
  let isRefused = false
  // Comes before `updateend`; the error of the element comes later.
  buffer.addEventListener('error', () => {
    isRefused = true
  })
  const check = (): void => {
    if (isRefused || element.error !== null) throw mediaError(element.error ?? undefined)
  }
  const update = async (change: () => void): Promise<void> => {
    change()
    await heard(buffer, ['updateend', 'error'], signal)
    check()
  }
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const bytes = next.value
    // An element that has failed has let the buffer go.
    check()
    while (aheadOf(element, buffer) > AHEAD_SECONDS) {
      await heard(element, MOVES, signal)
      check()
    }
    const behind = element.currentTime - BEHIND_SECONDS
    if (buffer.buffered.length > 0 && buffer.buffered.start(0) < behind - BEHIND_SECONDS) {
      await update(() => buffer.remove(0, behind))
    }
    await update(() => buffer.appendBuffer(bytes))
  }
  check()
  // No duration: no media was described. That is no error to a media source, which waits for more.
  if (Number.isNaN(media.duration)) throw mediaError(element.error ?? undefined)
  if (media.readyState === 'open') media.endOfStream()
}

const aheadOf = ({ currentTime }: HTMLMediaElement, { buffered }: SourceBuffer): number =>
  buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime

/** Resolves at the next of these events; rejects with the reason of the signal. */
const heard = (target: EventTarget, types: readonly string[], signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = new AbortController()
    const options = { signal: done.signal }
    const settle = (end: () => void) => (): void => {
      done.abort()
      end()
    }
    for (const type of types) target.addEventListener(type, settle(resolve), options)
    signal.addEventListener(
      'abort',
      settle(() => reject(signal.reason)),
      options,
    )
    if (signal.aborted) settle(() => reject(signal.reason))()
  })

const mediaError = (cause: unknown): RecordingError =>
  new RecordingError('ERR_RECORDING_MEDIA', undefined, { cause })

const MEDIA_TYPE = 'video/webm; codecs="vp8,opus"'
const MOVES = ['timeupdate', 'seeking', 'ended', 'error']
const AHEAD_SECONDS = 30
const BEHIND_SECONDS = 30
