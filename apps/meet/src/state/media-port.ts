/**
 * The interface through which the state layer uses cameras, microphones and screens.
 *
 * @module
 */

/** The two devices that record a person. */
export type RecordingDevice = 'microphone' | 'camera'

/** A device of the machine, as far as the browser names it. */
export interface DeviceInfo {
  readonly id: string
  readonly label: string
}

/** All devices of the machine; labels are empty before permission is given. */
export interface DeviceList {
  readonly microphones: readonly DeviceInfo[]
  readonly cameras: readonly DeviceInfo[]
  readonly speakers: readonly DeviceInfo[]
}

/** Why a device could not be opened. */
export type DeviceFault = 'denied' | 'missing' | 'busy' | 'failed'

/** The result of opening devices. */
export type OpenedDevice =
  | { readonly type: 'track'; readonly track: MediaStreamTrack }
  | { readonly type: 'fault'; readonly fault: DeviceFault }

/** The devices to open; an empty id lets the browser choose. */
export type DeviceRequest = Partial<Readonly<Record<RecordingDevice, string>>>

/** A shared screen, or why there is none; `cancelled` is the person's own choice. */
export type OpenedScreen =
  | { readonly type: 'stream'; readonly stream: MediaStream }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed' }

/** The machine's devices. */
export interface MediaPort {
  /** Whether the browser can share a screen. */
  readonly canShareScreen: boolean
  /** Whether the browser lets a page choose where sound goes. */
  readonly canChooseSpeaker: boolean
  devices(): Promise<DeviceList>
  onDevicesChanged(handler: () => void): () => void
  /** Opens the requested devices, with one question to the person where the browser can. */
  open(request: DeviceRequest): Promise<Partial<Readonly<Record<RecordingDevice, OpenedDevice>>>>
  openScreen(): Promise<OpenedScreen>
  streamOf(track: MediaStreamTrack): MediaStream
}
