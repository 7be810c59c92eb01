/**
 * Sides of a call whose frames are in LiveKit's format: ours, and one that runs the E2EE worker of `livekit-client`.
 */
import { FrameCrypto } from '@conclave/media'
import type { StateEvent, TransformApi } from '@conclave/media'
import { createLiveKitProfile, LiveKitKeys } from '@conclave/media/livekit'
import type { ParticipantId } from '@conclave/wire'
import type { Side } from './call.ts'

/** A side without a key source. */
export type LiveKitSide = Omit<Side, 'keys'>

/** One of ours. */
export interface OurSide extends LiveKitSide {
  readonly ring: LiveKitKeys
}

export async function createOurSide(
  self: string,
  material: string | Uint8Array,
  api: TransformApi,
): Promise<OurSide> {
  const ring = new LiveKitKeys({ sharedKey: true })
  await ring.setKey(material)
  const crypto = new FrameCrypto({ profile: createLiveKitProfile(ring), self, api })
  const states: StateEvent[] = []
  crypto.on('state', (event) => states.push(event))
  return { id: self as ParticipantId, ring, crypto, states }
}

/** Unmodified `livekit-client`: its worker, spoken to as its manager does. */
export interface TheirSide extends LiveKitSide {
  /** The errors of its worker: `MissingKey` and the like. */
  readonly errors: string[]
  setKey(material: string | Uint8Array, keyIndex?: number): Promise<void>
  enable(participant: string, enabled?: boolean): void
}

export async function createTheirSide(
  self: string,
  material: string | Uint8Array,
): Promise<TheirSide> {
  const url = '../../../../node_modules/livekit-client/dist/livekit-client.e2ee.worker.js'
  const worker = new Worker(new URL(url, import.meta.url))
  const errors: string[] = []
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') errors.push(String(data.data.error.message))
  })
  const say = (kind: string, data: object, transfer: Transferable[] = []): void =>
    worker.postMessage({ kind, data }, transfer)
  const keyProviderOptions = {
    ...{ sharedKey: true, ratchetSalt: 'LKFrameEncryptionKey', ratchetWindowSize: 0 },
    ...{ failureTolerance: -1, keyringSize: 16, keySize: 128 },
  }
  say('init', { keyProviderOptions, loglevel: 5 })
  const enable: TheirSide['enable'] = (participantIdentity, enabled = true) =>
    say('enable', { enabled, participantIdentity })
  enable(self)
  const setKey: TheirSide['setKey'] = async (given, keyIndex = 0) => {
    const isText = typeof given === 'string'
    const raw = isText ? new TextEncoder().encode(given) : Uint8Array.from(given)
    const name = isText ? 'PBKDF2' : 'HKDF'
    const key = await crypto.subtle.importKey('raw', raw, name, false, ['deriveBits', 'deriveKey'])
    say('setKey', { key, keyIndex, updateCurrentKeyIndex: true })
  }
  await setKey(material)
  let tracks = 0
  /** As its manager: encoded streams where there are some, else a script transform. */
  const attach = (
    target: RTCRtpSender | RTCRtpReceiver,
    { kind, participant }: { readonly kind: 'encode' | 'decode'; readonly participant: string },
  ): void => {
    tracks += 1
    const options = {
      ...{ participantIdentity: participant, trackId: `${self}-${tracks}` },
      hasPacketTrailer: false,
    }
    if (!('createEncodedStreams' in target)) {
      target.transform = new RTCRtpScriptTransform(worker, { kind, ...options })
      return
    }
    const create = target.createEncodedStreams as () => {
      readonly readable: ReadableStream
      readonly writable: WritableStream
    }
    const { readable, writable } = create.call(target)
    say(kind, { readableStream: readable, writableStream: writable, ...options }, [
      readable,
      writable,
    ])
  }
  const frames = {
    connectionConfig: { encodedInsertableStreams: true },
    codecs: { audio: ['audio/opus'], video: ['video/vp8'] },
    protectSender: async (sender: RTCRtpSender) =>
      attach(sender, { kind: 'encode', participant: self }),
    protectReceiver: async (
      receiver: RTCRtpReceiver,
      _track: unknown,
      { peer }: { readonly peer: string },
    ) => {
      enable(peer)
      attach(receiver, { kind: 'decode', participant: peer })
    },
    release: () => {},
    close: async () => worker.terminate(),
  } as unknown as FrameCrypto
  return { id: self as ParticipantId, crypto: frames, states: [], errors, setKey, enable }
}
