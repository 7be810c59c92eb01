/**
 * Keeps what the room sends equal to what the person's devices give.
 *
 * @module
 */
import { effect } from '@preact/signals'
import type { CallPort } from './client-port.ts'
import type { DeviceState, LocalMedia } from './local-media.ts'
import type { MediaPort, RecordingDevice } from './media-port.ts'

/** Publishes microphone and camera as they change, one step at a time; returns how to stop. */
export function publishLocalMedia(
  room: CallPort,
  source: { readonly media: LocalMedia; readonly port: MediaPort },
): () => void {
  const stopMicrophone = follow('microphone', room, source)
  const stopCamera = follow('camera', room, source)
  return () => {
    stopMicrophone()
    stopCamera()
  }
}

/** The state that was last published to the room; while a step runs only the latest request is kept. */
const follow = (
  device: RecordingDevice,
  room: CallPort,
  { media, port }: { readonly media: LocalMedia; readonly port: MediaPort },
): (() => void) => {
  let stopped = false
  let running = false
  let wish: DeviceState = { state: 'off' }
  let sent: { track: MediaStreamTrack; muted: boolean } | undefined

  const step = async (): Promise<void> => {
    if (wish.state === 'on') {
      const { track, muted } = wish
      if (sent?.track !== track) {
        await room.publish(port.streamOf(track), { source: 'camera' })
        sent = { track, muted: false }
      }
      if (sent?.muted !== muted) {
        room.setEnabled(device, !muted)
        sent = { track, muted }
      }
    } else if (wish.state !== 'opening' && sent !== undefined) {
      sent = undefined
      await room.unpublish(device)
    }
  }

  const run = async (): Promise<void> => {
    if (running) return
    running = true
    for (let done: DeviceState | undefined; done !== wish && !stopped;) {
      done = wish
      // A failed step is told by the room's own events; the next wish gets its own try.
      await step().catch(() => undefined)
    }
    running = false
  }

  const dispose = effect(() => {
    wish = media[device].value
    void run()
  })
  return () => {
    stopped = true
    dispose()
  }
}
