/**
 * The contestants: the worker's code of this project with SFrame and with LiveKit's format, the E2EE worker of `livekit-client`, and
 * bare calls of WebCrypto. Each has its transforms as a page would have them, without the streams.
 *
 * @module
 */
import { LiveKitFormat } from '../../packages/media/src/livekit/format/livekit-format.ts'
import type {
  FromWorker,
  PipeOptions,
  ToWorker,
  WorkerRequest,
} from '../../packages/media/src/shared/protocol.ts'
import type { FormatHost, FrameFormat } from '../../packages/media/src/worker/frame-format.ts'
import { startFrameWorker } from '../../packages/media/src/worker/frame-worker.ts'
import { SFrameFormat } from '../../packages/media/src/worker/sframe-format.ts'
import { captureTransform } from './transform.ts'
import type { Transform } from './transform.ts'

/** The names of the contestants. */
export type Contestant = 'ours' | 'ours-livekit' | 'livekit' | 'webcrypto'

/** A pair of transforms with fresh keys: what one seals the other opens. */
export interface Pair {
  readonly seal: Transform
  readonly open: Transform
}

/** How to make the pairs of each contestant. `livekitScript` is the text of the worker of `livekit-client`. */
export function pairMakers(
  livekitScript: string,
): Readonly<Record<Contestant, (kind: 'audio' | 'video') => Promise<Pair>>> {
  return {
    ours: makeSFramePair,
    'ours-livekit': makeLiveKitPair,
    livekit: (kind) => makeTheirPair(livekitScript, kind),
    webcrypto: makeBarePair,
  }
}

async function makeSFramePair(kind: 'audio' | 'video'): Promise<Pair> {
  const worker = new BenchWorker((host) => new SFrameFormat(host))
  const raw = crypto.getRandomValues(new Uint8Array(16))
  const usages: KeyUsage[] = ['deriveBits', 'deriveKey']
  const baseKey = await crypto.subtle.importKey('raw', raw, 'HKDF', false, usages)
  const { kid } = (await worker.ask({ type: 'make-kid', epoch: 0n })) as { readonly kid: bigint }
  await worker.ask({ type: 'set-sender-key', kid, baseKey, waitMs: 0 })
  const [seal, open] = worker.attach(kind)
  const receiverKey = { participant, kid, epoch: 0n, baseKey }
  worker.say({ type: 'receiver-key', ...receiverKey })
  // Keys are derived in the order in which they come: after another one this one is there.
  await worker.ask({ type: 'read-counters' })
  await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: raw, info: raw },
    baseKey,
    8,
  )
  return { seal, open }
}

async function makeLiveKitPair(kind: 'audio' | 'video'): Promise<Pair> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, [
    'encrypt',
    'decrypt',
  ])
  const make = async (): Promise<readonly [Transform, Transform]> => {
    const worker = new BenchWorker((host) => new LiveKitFormat(host))
    const slot = { ring: undefined, index: 0 }
    await worker.ask({ type: 'ring-key', slot, key })
    await worker.ask({ type: 'use-ring-key', slot })
    return worker.attach(kind)
  }
  // A worker refuses frames that it sealed itself.
  const [[seal], [, open]] = [await make(), await make()]
  return { seal, open }
}

/** The worker's code in a scope that we play. */
class BenchWorker {
  readonly #listeners = new Map<string, (event: never) => void>()
  readonly #said: FromWorker[] = []
  #number = 0
  #pipe = 0

  constructor(createFormat: (host: FormatHost) => FrameFormat) {
    startFrameWorker(
      {
        postMessage: (message) => this.#said.push(message),
        addEventListener: (type: string, listener: (event: never) => void) =>
          void this.#listeners.set(type, listener),
      },
      { createFormat, now: () => performance.now() },
    )
  }

  async ask(request: WorkerRequest): Promise<unknown> {
    this.#number += 1
    const number = this.#number
    this.say({ type: 'request', number, request })
    for (;;) {
      await new Promise((resolve) => void setTimeout(resolve))
      const answer = this.#said.find((said) => 'number' in said && said.number === number)
      if (answer?.type === 'failed') throw new Error(answer.message)
      if (answer?.type === 'reply') return answer.value
    }
  }

  say(message: ToWorker): void {
    this.#listeners.get('message')?.({ data: message } as never)
  }

  /** A sealing and an opening transform. */
  attach(kind: 'audio' | 'video'): readonly [Transform, Transform] {
    return [this.#attach('seal', kind), this.#attach('open', kind)]
  }

  #attach(side: 'seal' | 'open', kind: 'audio' | 'video'): Transform {
    this.#pipe += 1
    const options: PipeOptions = { pipe: this.#pipe, side, participant, label: 'camera', kind }
    return captureTransform((streams, Captured) => {
      const scope = globalThis as { TransformStream: unknown }
      const real = scope.TransformStream
      scope.TransformStream = Captured
      this.say({ type: 'attach-streams', options, ...streams })
      scope.TransformStream = real
    })
  }
}

async function makeTheirPair(script: string, kind: 'audio' | 'video'): Promise<Pair> {
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const usages: KeyUsage[] = ['deriveBits', 'deriveKey']
  const key = await crypto.subtle.importKey('raw', raw, 'HKDF', false, usages)
  const captureOf = (operation: 'encode' | 'decode'): Promise<Transform> =>
    new Promise((resolve) => {
      let say: (kind: string, data: object) => void = () => {}
      const transform = captureTransform((streams, Captured) => {
        // oxlint-disable-next-line typescript/no-implied-eval -- a worker's script, in the worker that measures
        const start = new Function(
          ...['self', 'postMessage', 'onmessage', 'TransformStream'],
          `${script}\n; return (event) => onmessage(event)`,
        ) as (self: object, post: () => void, none: undefined, stream: unknown) => MessageTaker
        const take = start({}, () => {}, undefined, Captured)
        say = (name, data) => take({ data: { kind: name, data } })
        const keyProviderOptions = {
          ...{ sharedKey: true, ratchetSalt: 'LKFrameEncryptionKey', ratchetWindowSize: 0 },
          ...{ failureTolerance: -1, keyringSize: 16, keySize: 128 },
        }
        say('init', { keyProviderOptions, loglevel: 5 })
        say('enable', { enabled: true, participantIdentity: participant })
        say('setKey', { key, keyIndex: 0, updateCurrentKeyIndex: true })
        const { readable: readableStream, writable: writableStream } = streams
        say(operation, {
          ...{ readableStream, writableStream, participantIdentity: participant },
          ...{ trackId: kind, hasPacketTrailer: false },
        })
      })
      // It works through its messages one after the other.
      setTimeout(() => resolve(transform), 200)
    })
  return { seal: await captureOf('encode'), open: await captureOf('decode') }
}

type MessageTaker = (event: { readonly data: unknown }) => void

/** The least that every frame costs: a fresh nonce, additional data of 16 bytes, and the call. Nothing is put together. */
async function makeBarePair(): Promise<Pair> {
  const algorithm = { name: 'AES-GCM', length: 128 }
  const key = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt'])
  const additionalData = new Uint8Array(16)
  const transform = (operation: 'encrypt' | 'decrypt'): Transform => {
    let count = 0
    return async (frame) => {
      const iv = new Uint8Array(12)
      new DataView(iv.buffer).setUint32(8, count)
      count += 1
      const parameters = { name: 'AES-GCM', iv, additionalData, tagLength: 128 }
      frame.data = await crypto.subtle[operation](parameters, key, new Uint8Array(frame.data))
      return true
    }
  }
  return { seal: transform('encrypt'), open: transform('decrypt') }
}

const participant = 'alice' as PipeOptions['participant']
