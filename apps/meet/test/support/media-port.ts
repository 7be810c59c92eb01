/** A machine with one microphone and one camera, which the test can break. */
import type {
  DeviceFault,
  DeviceRequest,
  MediaPort,
  OpenedDevice,
  OpenedScreen,
  RecordingDevice,
} from '../../src/state/media-port.ts'
import { TestTrack, asTrack, streamOf } from './tracks.ts'

export class TestMediaPort implements MediaPort {
  canShareScreen = true
  canChooseSpeaker = true
  /** The fault of a device; none by default. */
  readonly faults = new Map<RecordingDevice, DeviceFault>()
  readonly requests: DeviceRequest[] = []
  readonly tracks: TestTrack[] = []
  screen: OpenedScreen = { type: 'cancelled' }
  /** Resolves the browser's question when a test holds it open. */
  gate: Promise<void> = Promise.resolve()

  devices(): ReturnType<MediaPort['devices']> {
    return Promise.resolve({
      microphones: [{ id: 'mic', label: 'Microphone' }],
      cameras: [{ id: 'cam', label: 'Camera' }],
      speakers: [],
    })
  }

  onDevicesChanged(): () => void {
    return () => undefined
  }

  async open(request: DeviceRequest): ReturnType<MediaPort['open']> {
    this.requests.push(request)
    await this.gate
    const opened: Partial<Record<RecordingDevice, OpenedDevice>> = {}
    for (const device of ['microphone', 'camera'] as const) {
      if (request[device] === undefined) continue
      const fault = this.faults.get(device)
      opened[device] = fault === undefined ? this.#track(device) : { type: 'fault', fault }
    }
    return opened
  }

  openScreen(): Promise<OpenedScreen> {
    return Promise.resolve(this.screen)
  }

  streamOf(track: MediaStreamTrack): MediaStream {
    return streamOf(track as unknown as TestTrack)
  }

  /** Whether anything is still recording. */
  get isRecording(): boolean {
    return this.tracks.some((track) => track.readyState === 'live')
  }

  #track(device: RecordingDevice): OpenedDevice {
    const track = new TestTrack(device === 'camera' ? 'video' : 'audio', device)
    this.tracks.push(track)
    return { type: 'track', track: asTrack(track) }
  }
}
