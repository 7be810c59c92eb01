/**
 * The person's own microphone and camera: asked for once, changed at any time, and never in the way
 * of joining.
 *
 * @module
 */
import { type ReadonlySignal, type Signal, batch, signal } from '@preact/signals'
import type {
  DeviceFault,
  DeviceList,
  DeviceRequest,
  MediaPort,
  OpenedDevice,
  RecordingDevice,
} from './media-port.ts'
import type { Notices } from './notices.ts'
import type { Preferences } from './preferences.ts'

/**
 * One device. `off` has released it. `on` holds a track; a muted microphone stays `on` with
 * `muted: true`, so that speaking again takes no time, while a camera that is off is released and
 * its light goes out.
 */
export type DeviceState =
  | { readonly state: 'off' }
  | { readonly state: 'opening' }
  | { readonly state: 'on'; readonly track: MediaStreamTrack; readonly muted: boolean }
  | { readonly state: 'fault'; readonly fault: DeviceFault }

/** Microphone and camera of this person; ends with `close()`, which releases them. */
export class LocalMedia {
  readonly microphone: ReadonlySignal<DeviceState>
  readonly camera: ReadonlySignal<DeviceState>
  readonly devices: ReadonlySignal<DeviceList>
  /** Whether the browser's question is open now. */
  readonly asking: ReadonlySignal<boolean>

  readonly #states: Readonly<Record<RecordingDevice, Signal<DeviceState>>>
  readonly #devices: Signal<DeviceList> = signal(NO_DEVICES)
  readonly #asking = signal(false)
  readonly #port: MediaPort
  readonly #preferences: Preferences
  readonly #notices: Notices
  readonly #unsubscribe: () => void
  readonly #latest: Record<RecordingDevice, number> = { microphone: 0, camera: 0 }
  #closed = false

  constructor(
    port: MediaPort,
    context: { readonly preferences: Preferences; readonly notices: Notices },
  ) {
    this.#port = port
    this.#preferences = context.preferences
    this.#notices = context.notices
    this.#states = { microphone: signal({ state: 'off' }), camera: signal({ state: 'off' }) }
    this.microphone = this.#states.microphone
    this.camera = this.#states.camera
    this.devices = this.#devices
    this.asking = this.#asking
    this.#unsubscribe = port.onDevicesChanged(() => void this.#refresh())
  }

  /** Opens what the person wants open, with one question. Never rejects: faults are states. */
  async start(): Promise<void> {
    // A muted microphone is opened too, so that speaking takes one key and no question.
    const { cameraOn } = this.#preferences.choices.peek()
    await this.#open(cameraOn ? ['microphone', 'camera'] : ['microphone'])
  }

  /** Turns a device on or off. */
  async toggle(device: RecordingDevice): Promise<void> {
    const now = this.#states[device].peek()
    if (now.state === 'opening') return
    const on = !(now.state === 'on' && !now.muted)
    this.#remember(device, on)
    if (device === 'microphone' && now.state === 'on') return this.#mute(!on, now.track)
    if (on) return this.#open([device])
    this.#release(device, { state: 'off' })
  }

  /** Uses another device from now on; a camera that is off stays off. */
  async choose(device: RecordingDevice | 'speaker', id: string): Promise<void> {
    this.#preferences.change({ [`${device}Id`]: id })
    if (device === 'speaker') return
    const { state } = this.#states[device].peek()
    if (state === 'on' || state === 'fault' || device === 'microphone') await this.#open([device])
  }

  /** Releases the devices. */
  close(): void {
    this.#closed = true
    this.#unsubscribe()
    this.#release('microphone', { state: 'off' })
    this.#release('camera', { state: 'off' })
  }

  async #open(wanted: readonly RecordingDevice[]): Promise<void> {
    const turns = new Map(wanted.map((device) => [device, (this.#latest[device] += 1)]))
    const choices = this.#preferences.choices.peek()
    const request: DeviceRequest = {
      ...(turns.has('microphone') ? { microphone: choices.microphoneId } : {}),
      ...(turns.has('camera') ? { camera: choices.cameraId } : {}),
    }
    batch(() => {
      this.#asking.value = true
      for (const device of wanted) {
        if (this.#states[device].peek().state !== 'on') this.#set(device, { state: 'opening' })
      }
    })
    const opened = await this.#port.open(request)
    batch(() => {
      this.#asking.value = false
      for (const device of wanted) {
        const result = opened[device] ?? { type: 'fault', fault: 'failed' }
        if (this.#closed || this.#latest[device] !== turns.get(device)) stop(result)
        else this.#accept(device, result)
      }
    })
    await this.#refresh()
  }

  #accept(device: RecordingDevice, result: OpenedDevice): void {
    if (result.type === 'fault')
      return this.#release(device, { state: 'fault', fault: result.fault })
    const { track } = result
    const muted = device === 'microphone' && !this.#preferences.choices.peek().microphoneOn
    track.enabled = !muted
    this.#release(device, { state: 'on', track, muted })
    track.addEventListener('ended', () => this.#lose(device, track))
  }

  /** The device went away by itself: pulled out, or its permission taken back. */
  #lose(device: RecordingDevice, track: MediaStreamTrack): void {
    const now = this.#states[device].peek()
    if (now.state !== 'on' || now.track !== track) return
    this.#notices.show({ type: 'device-lost', device })
    this.#release(device, { state: 'off' })
    this.#preferences.change({ [`${device}Id`]: '' })
    if (device === 'microphone') void this.#open([device])
  }

  #mute(muted: boolean, track: MediaStreamTrack): void {
    track.enabled = !muted
    this.#set('microphone', { state: 'on', track, muted })
  }

  #release(device: RecordingDevice, next: DeviceState): void {
    const before = this.#states[device].peek()
    this.#set(device, next)
    if (before.state === 'on' && (next.state !== 'on' || next.track !== before.track)) {
      before.track.stop()
    }
    if (next.state === 'off') this.#latest[device] += 1
  }

  #set(device: RecordingDevice, state: DeviceState): void {
    this.#states[device].value = state
  }

  #remember(device: RecordingDevice, on: boolean): void {
    this.#preferences.change(device === 'microphone' ? { microphoneOn: on } : { cameraOn: on })
  }

  async #refresh(): Promise<void> {
    const devices = await this.#port.devices()
    if (!this.#closed) this.#devices.value = devices
  }
}

const NO_DEVICES: DeviceList = { microphones: [], cameras: [], speakers: [] }

const stop = (opened: OpenedDevice): void => {
  if (opened.type === 'track') opened.track.stop()
}
