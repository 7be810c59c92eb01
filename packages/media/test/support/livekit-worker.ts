/**
 * The E2EE worker of `livekit-client`, as npm has it, in Node: streams and messages in the hands of the test.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { EncodedMediaFrame } from '../../src/worker/worker-scope.ts'

/** A frame with all that LiveKit's worker reads of one. */
export interface LiveKitFrame {
  readonly data: Uint8Array
  readonly mimeType: string
  readonly ssrc?: number
  readonly timestamp?: number
}

/** One of its transforms. */
export interface LiveKitPipe {
  /** The frame that comes out; `undefined` if it is dropped. */
  push(frame: LiveKitFrame): Promise<Uint8Array<ArrayBuffer> | undefined>
}

export class LiveKitWorker {
  readonly #onMessage: (event: { readonly data: unknown }) => void
  readonly heard: { readonly kind: string; readonly data: unknown }[] = []
  #tracks = 0

  /** With a ring for all, and no ratchet, as `ExternalE2EEKeyProvider` sets it up. */
  constructor(options: Readonly<Record<string, unknown>> = {}) {
    const require = createRequire(import.meta.url)
    const path = require.resolve('livekit-client/e2ee-worker')
    // oxlint-disable-next-line typescript/no-implied-eval -- a script for workers, which Node has not got
    const start = new Function(
      ...['self', 'postMessage', 'onmessage'],
      `${readFileSync(path, 'utf8')}; return (event) => onmessage(event)`,
    ) as (self: object, postMessage: (message: never) => void) => (event: never) => void
    this.#onMessage = start({}, (message) => this.heard.push(message)) as never
    const keyProviderOptions = {
      ...{ sharedKey: true, ratchetSalt: 'LKFrameEncryptionKey', ratchetWindowSize: 0 },
      ...{ failureTolerance: -1, keyringSize: 16, keySize: 128, ...options },
    }
    this.#say('init', { keyProviderOptions, loglevel: 5 })
  }

  enable(participantIdentity: string, enabled = true): void {
    this.#say('enable', { participantIdentity, enabled })
  }

  /** A passphrase or bytes, imported as its key providers do. */
  async setKey(
    material: string | Uint8Array,
    { keyIndex = 0, participant }: { keyIndex?: number; participant?: string } = {},
  ): Promise<void> {
    const isText = typeof material === 'string'
    const raw = isText ? new TextEncoder().encode(material) : new Uint8Array(material)
    const name = isText ? 'PBKDF2' : 'HKDF'
    const usages: KeyUsage[] = ['deriveBits', 'deriveKey']
    const key = await crypto.subtle.importKey('raw', raw, name, false, usages)
    const participantIdentity = participant
    this.#say('setKey', { key, keyIndex, participantIdentity, updateCurrentKeyIndex: true })
  }

  attach(kind: 'encode' | 'decode', participantIdentity: string): LiveKitPipe {
    const source = new TransformStream<EncodedMediaFrame, EncodedMediaFrame>()
    const passed: Uint8Array<ArrayBuffer>[] = []
    const writableStream = new WritableStream<EncodedMediaFrame>({
      write: (frame) => void passed.push(new Uint8Array(frame.data)),
    })
    this.#tracks += 1
    this.#say(kind, {
      ...{ participantIdentity, readableStream: source.readable, writableStream },
      ...{ trackId: `track-${this.#tracks}`, hasPacketTrailer: false },
    })
    const writer = source.writable.getWriter()
    return {
      async push(frame) {
        const before = passed.length
        await writer.write(encodedFrame(frame))
        // An empty frame passes it untouched: after it, everything before it came out or was dropped.
        await writer.write(encodedFrame({ ...frame, data: new Uint8Array() }))
        while (passed.at(-1)?.length !== 0 || passed.length === before)
          await new Promise((resolve) => void setImmediate(resolve))
        const [first, second] = passed.splice(0)
        return second && first
      },
    }
  }

  #say(kind: string, data: object): void {
    this.#onMessage({ data: { kind, data } })
  }
}

/** `type`, which only video has, is what an engine gives: by the bit of VP8, or whether there is a key slice. */
function encodedFrame({ data, mimeType, ssrc = 0x01020304, timestamp = 90_000 }: LiveKitFrame) {
  const metadata = { mimeType, synchronizationSource: ssrc }
  const isKey = mimeType === 'video/vp8' ? ((data[0] ?? 0) & 1) === 0 : data.includes(0x65)
  return {
    ...{ data: new Uint8Array(data).buffer, timestamp, getMetadata: () => metadata },
    ...(mimeType.startsWith('video/') && { type: isKey ? 'key' : 'delta' }),
  }
}
