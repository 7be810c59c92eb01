/** A real frame protector for tests: AES-128-GCM in a worker, bound to the track's label. */
import type { FrameProtector, ProtectedTrack, ProtectedConnection } from '@conclave/p2p'

const WORKER = `
const imported = crypto.subtle.importKey(
  'raw', new Uint8Array(16).fill(7), 'AES-GCM', false, ['encrypt', 'decrypt'])
const text = new TextEncoder()
const counts = { sealed: 0, opened: 0, refused: 0 }
// VP8 packetizers read the first byte, and ten of a key frame; Opus needs nothing in clear.
const clearBytes = (kind, bytes) => kind === 'audio' ? 0 : (bytes[0] & 1) === 0 ? 10 : 1
const seal = async (label, kind, frame, key) => {
  const bytes = new Uint8Array(frame.data)
  const clear = clearBytes(kind, bytes)
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const additionalData = text.encode(label)
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData }, key, bytes.subarray(clear))
  const out = new Uint8Array(clear + sealed.byteLength + 12)
  out.set(bytes.subarray(0, clear))
  out.set(new Uint8Array(sealed), clear)
  out.set(iv, clear + sealed.byteLength)
  frame.data = out.buffer
  counts.sealed += 1
}
const unseal = async (label, kind, frame, key) => {
  const bytes = new Uint8Array(frame.data)
  const clear = clearBytes(kind, bytes)
  const iv = bytes.subarray(bytes.length - 12)
  const additionalData = text.encode(label)
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv, additionalData }, key, bytes.subarray(clear, bytes.length - 12))
  const out = new Uint8Array(clear + plain.byteLength)
  out.set(bytes.subarray(0, clear))
  out.set(new Uint8Array(plain), clear)
  frame.data = out.buffer
  counts.opened += 1
}
onrtctransform = ({ transformer }) => {
  const { id, side, label, kind } = transformer.options
  const step = side === 'send' ? seal : unseal
  const transform = async (frame, controller) => {
    try {
      await step(label, kind, frame, await imported)
      controller.enqueue(frame)
    } catch { counts.refused += 1 }
  }
  transformer.readable.pipeThrough(new TransformStream({ transform }))
    .pipeTo(transformer.writable).catch(() => undefined)
  postMessage({ acknowledged: id })
}
onmessage = () => postMessage({ counts })
`

export interface FrameCounts {
  readonly sealed: number
  readonly opened: number
  readonly refused: number
}

export class TestFrames implements FrameProtector {
  readonly connectionConfig = { encodedInsertableStreams: true } as const
  readonly codecs = { audio: ['audio/opus'], video: ['video/vp8'] }
  /** The descriptions of peers, in order. */
  readonly prepared: string[] = []
  /** Labels of receivers in the order of their protection. */
  readonly receiving: string[] = []
  /** Connections whose senders were protected, once for each sender. */
  readonly sending: RTCPeerConnection[] = []
  readonly released: RTCPeerConnection[] = []
  /** Whether a receiver had a frame before its transform. */
  wasLate = false
  readonly #worker: Worker
  readonly #waiting = new Map<number, () => void>()
  #lastId = 0
  readonly #name: string

  constructor(name = 'test') {
    this.#name = name
    const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
    this.#worker = new Worker(url)
    this.#worker.addEventListener('message', (event: MessageEvent<{ acknowledged?: number }>) => {
      const { acknowledged } = event.data
      if (acknowledged !== undefined) this.#waiting.get(acknowledged)?.()
    })
  }

  protectSender(
    sender: RTCRtpSender,
    track: ProtectedTrack,
    { connection }: ProtectedConnection,
  ): Promise<void> {
    this.sending.push(connection)
    return this.#attach(sender, 'send', track)
  }

  protectReceiver(
    receiver: RTCRtpReceiver,
    track: ProtectedTrack,
    { connection }: ProtectedConnection,
  ): Promise<void> {
    this.receiving.push(track.label)
    // The negotiation is still going on exactly while `track` is handled within it.
    if (connection.signalingState !== 'have-remote-offer') this.wasLate = true
    return this.#attach(receiver, 'receive', track)
  }

  describe(): Promise<string> {
    return Promise.resolve(this.#name)
  }

  prepare(peer: string, description: string): Promise<void> {
    this.prepared.push(`${peer} ${description}`)
    return Promise.resolve()
  }

  release(connection: RTCPeerConnection): void {
    this.released.push(connection)
  }

  async counts(): Promise<FrameCounts> {
    return new Promise((resolve) => {
      const heard = (event: MessageEvent<{ counts?: FrameCounts }>): void => {
        if (event.data.counts === undefined) return
        this.#worker.removeEventListener('message', heard)
        resolve(event.data.counts)
      }
      this.#worker.addEventListener('message', heard)
      this.#worker.postMessage('counts')
    })
  }

  close(): void {
    this.#worker.terminate()
  }

  #attach(
    target: RTCRtpSender | RTCRtpReceiver,
    side: 'send' | 'receive',
    track: ProtectedTrack,
  ): Promise<void> {
    const id = (this.#lastId += 1)
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      target.transform = new RTCRtpScriptTransform(this.#worker, { id, side, ...track })
    })
  }
}
