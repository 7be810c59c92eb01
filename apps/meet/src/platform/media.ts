/**
 * Cameras, microphones and screens of this browser.
 *
 * @module
 */
import type {
  DeviceFault,
  DeviceInfo,
  DeviceList,
  DeviceRequest,
  MediaPort,
  OpenedDevice,
  OpenedScreen,
  RecordingDevice,
} from '../state/media-port.ts'

/** Makes the port; in a page without `mediaDevices` every device is missing. */
export function createMediaPort(): MediaPort {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices
  return {
    canShareScreen: devices !== undefined && 'getDisplayMedia' in devices,
    canChooseSpeaker: 'setSinkId' in HTMLMediaElement.prototype,
    devices: () => listDevices(devices),
    onDevicesChanged(handler) {
      devices?.addEventListener('devicechange', handler)
      return () => devices?.removeEventListener('devicechange', handler)
    },
    open: (request) => openDevices(devices, request),
    openScreen: () => openScreen(devices),
    streamOf: (track) => new MediaStream([track]),
  }
}

const listDevices = async (devices: MediaDevices | undefined): Promise<DeviceList> => {
  const all = (await devices?.enumerateDevices().catch(() => [])) ?? []
  const pick = (kind: MediaDeviceKind): readonly DeviceInfo[] =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map((device) => ({ id: device.deviceId, label: device.label }))
  return {
    microphones: pick('audioinput'),
    cameras: pick('videoinput'),
    speakers: pick('audiooutput'),
  }
}

/** Asks for both devices at once; if that fails, for each separately, because one may still be there. */
const openDevices = async (
  devices: MediaDevices | undefined,
  request: DeviceRequest,
): Promise<Partial<Record<RecordingDevice, OpenedDevice>>> => {
  const wanted = (['microphone', 'camera'] as const).filter((kind) => request[kind] !== undefined)
  if (devices === undefined) {
    return Object.fromEntries(wanted.map((kind) => [kind, { type: 'fault', fault: 'missing' }]))
  }
  const together = await tryOpen(devices, request)
  if (together.type === 'stream') return split(together.stream, wanted)
  if (wanted.length === 1) {
    return Object.fromEntries(
      wanted.map((kind) => [kind, { type: 'fault', fault: together.fault }]),
    )
  }
  const opened: Partial<Record<RecordingDevice, OpenedDevice>> = {}
  for (const kind of wanted) {
    // After a refusal only what was allowed earlier is opened, so that nobody is asked twice.
    const skip = together.fault === 'denied' && !(await isGranted(kind))
    const alone = skip ? together : await tryOpen(devices, { [kind]: request[kind] ?? '' })
    opened[kind] =
      alone.type === 'stream'
        ? (split(alone.stream, [kind])[kind] ?? { type: 'fault', fault: 'failed' })
        : { type: 'fault', fault: alone.fault }
  }
  return opened
}

type Attempt =
  | { readonly type: 'stream'; readonly stream: MediaStream }
  | { readonly type: 'fault'; readonly fault: DeviceFault }

const tryOpen = async (devices: MediaDevices, request: DeviceRequest): Promise<Attempt> => {
  const { microphone, camera } = request
  const constraints: MediaStreamConstraints = {
    ...(microphone === undefined ? {} : { audio: { ...VOICE, ...chosen(microphone) } }),
    ...(camera === undefined ? {} : { video: { ...PICTURE, ...chosen(camera) } }),
  }
  try {
    return { type: 'stream', stream: await devices.getUserMedia(constraints) }
  } catch (error) {
    return { type: 'fault', fault: faultOf(error) }
  }
}

// `ideal`, not `exact`: a device that is gone falls back to another one instead of to nothing.
const chosen = (id: string): MediaTrackConstraints => (id === '' ? {} : { deviceId: { ideal: id } })

const VOICE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
}

const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
  facingMode: 'user',
}

const split = (
  stream: MediaStream,
  wanted: readonly RecordingDevice[],
): Partial<Record<RecordingDevice, OpenedDevice>> => {
  const opened: Partial<Record<RecordingDevice, OpenedDevice>> = {}
  for (const kind of wanted) {
    const [track] = kind === 'microphone' ? stream.getAudioTracks() : stream.getVideoTracks()
    opened[kind] =
      track === undefined ? { type: 'fault', fault: 'failed' } : { type: 'track', track }
  }
  return opened
}

const isGranted = async (kind: RecordingDevice): Promise<boolean> => {
  try {
    return (await navigator.permissions.query({ name: kind })).state === 'granted'
  } catch {
    return false
  }
}

const faultOf = (error: unknown): DeviceFault => {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}

const openScreen = async (devices: MediaDevices | undefined): Promise<OpenedScreen> => {
  if (devices === undefined) return { type: 'failed' }
  try {
    const stream = await devices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 30 } },
      audio: true,
    })
    for (const track of stream.getVideoTracks()) track.contentHint = 'detail'
    return { type: 'stream', stream }
  } catch (error) {
    return { type: faultOf(error) === 'denied' ? 'cancelled' : 'failed' }
  }
}
