/** A member of a room of a LiveKit server, with our frame encryption or with that of `livekit-client`. */
import { LiveKitKeys } from '@conclave/media/livekit'
import { ExternalE2EEKeyProvider, LogLevel, Room, RoomEvent, setLogLevel } from 'livekit-client'
import { OurManager } from './our-manager.ts'

/** The frame encryption that a member has. */
export type Encryption = 'ours' | 'theirs'

/** Joins a room. */
export interface Joining {
  readonly encryption: Encryption
  readonly url: string
  readonly token: string
  readonly self: string
  readonly key: string
}

/** The media of another, as a member sees and hears it, and what went wrong. */
export interface Seen {
  readonly pictures: number
  readonly width: number
  readonly sound: number
  readonly faults: readonly string[]
  /** With our encryption: frames that did not open, by reason. */
  readonly dropped: Readonly<Record<string, number>>
}

/** The functions that the runner calls. */
export interface LiveKitPage {
  join(joining: Joining): Promise<void>
  setKey(key: string): Promise<void>
  mute(isMuted: boolean): Promise<void>
  observe(of: string): Promise<Seen>
  leave(): Promise<void>
}

declare global {
  interface Window {
    livekit: LiveKitPage
  }
}

setLogLevel(LogLevel.error)
const faults: string[] = []
let room: Room
let ours: OurManager | undefined
let setKey: (key: string) => Promise<void>

const encryptionOf = async ({ encryption, self, key }: Joining) => {
  if (encryption === 'ours') {
    const keys = new LiveKitKeys({ sharedKey: true })
    setKey = (next) => keys.setKey(next)
    await setKey(key)
    ours = new OurManager(keys, self)
    return { e2eeManager: ours }
  }
  const keyProvider = new ExternalE2EEKeyProvider()
  setKey = (next) => keyProvider.setKey(next)
  await setKey(key)
  const worker = new Worker(
    new URL(
      '../../../../node_modules/livekit-client/dist/livekit-client.e2ee.worker.mjs',
      import.meta.url,
    ),
    { type: 'module' },
  )
  return { keyProvider, worker }
}

window.livekit = {
  async join(joining) {
    const encryption = await encryptionOf(joining)
    room = new Room({ encryption, publishDefaults: { videoCodec: 'vp8', simulcast: false } })
    room.on(RoomEvent.EncryptionError, (error) => faults.push(error.message))
    room.on(RoomEvent.TrackSubscribed, (track) => document.body.append(track.attach()))
    await room.setE2EEEnabled(true)
    await room.connect(joining.url, joining.token)
    await room.localParticipant.enableCameraAndMicrophone()
  },

  setKey: (key) => setKey(key),

  async mute(isMuted) {
    await room.localParticipant.setMicrophoneEnabled(!isMuted)
    await room.localParticipant.setCameraEnabled(!isMuted)
  },

  async observe(of) {
    const participant = [...room.remoteParticipants.values()].find(
      ({ identity }) => identity === of,
    )
    const seen = { pictures: 0, sound: 0, width: 0 }
    for (const { track } of participant?.trackPublications.values() ?? []) {
      const report = await track?.receiver?.getStats()
      for (const entry of report?.values() ?? []) {
        if (entry.type !== 'inbound-rtp') continue
        seen.pictures += entry.framesDecoded ?? 0
        seen.sound += entry.totalAudioEnergy ?? 0
      }
      for (const element of track?.attachedElements ?? []) {
        if (element instanceof HTMLVideoElement) seen.width = element.videoWidth
      }
    }
    const failures = (ours?.states ?? []).flatMap(({ participant: who, state, reason }) =>
      who !== of || state.endsWith('Success') ? [] : [`${state} ${reason}`],
    )
    return {
      ...seen,
      faults: [...faults, ...(ours?.faults ?? []), ...failures],
      dropped: ours === undefined ? {} : (await ours.frames.stats()).dropped,
    }
  },

  async leave() {
    await room.disconnect()
    await ours?.frames.close()
  },
}
