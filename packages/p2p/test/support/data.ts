/** Data between meshes of tests, under a real seal that the test can turn against its receiver. */
import type { DataProtector, MeshEvents, ProtectedData } from '@conclave/p2p'
import type { Bench, Peer } from './bench.ts'

/** AES-128-GCM under one key for all, bound to sender, receiver, connection and number. */
export class TestData implements DataProtector {
  /** Every record that was sealed, oldest first. */
  readonly sealed: Uint8Array<ArrayBuffer>[] = []
  /** Changes what leaves in the place of a sealed record. */
  forge:
    | ((sealed: Uint8Array<ArrayBuffer>, place: ProtectedData) => Uint8Array | Promise<Uint8Array>)
    | undefined
  readonly #self: string
  readonly #key = crypto.subtle.importKey('raw', new Uint8Array(16).fill(5), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])

  constructor(self: string) {
    this.#self = self
  }

  async seal(place: ProtectedData, bytes: Uint8Array): Promise<Uint8Array> {
    const sealed = await this.sealAs(this.#self, place, bytes)
    this.sealed.push(sealed)
    return this.forge === undefined ? sealed : this.forge(sealed, place)
  }

  async open(place: ProtectedData, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const parties = additionalData(place.peer, { ...place, peer: this.#self })
    const iv = bytes.slice(0, 12)
    try {
      const cipher = { name: 'AES-GCM', iv, additionalData: parties }
      return new Uint8Array(await crypto.subtle.decrypt(cipher, await this.#key, bytes.slice(12)))
    } catch {
      return undefined
    }
  }

  /** Seals as any sender: as one who holds the key could. */
  async sealAs(
    sender: string,
    place: ProtectedData,
    bytes: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const cipher = { name: 'AES-GCM', iv, additionalData: additionalData(sender, place) }
    const sealed = await crypto.subtle.encrypt(cipher, await this.#key, new Uint8Array(bytes))
    const out = new Uint8Array(iv.length + sealed.byteLength)
    out.set(iv)
    out.set(new Uint8Array(sealed), iv.length)
    return out
  }
}

const additionalData = (sender: string, { peer, connection, number }: ProtectedData) =>
  new TextEncoder().encode(JSON.stringify([sender, peer, connection, number]))

/** A peer with data, and all that its mesh told of it. */
export interface DataPeer extends Peer {
  readonly data: TestData
  readonly received: MeshEvents['data'][]
  /** `open` and `close`, with the peer, in order. */
  readonly told: string[]
}

/** Makes a peer with data. */
export async function dataPeer(
  bench: Bench,
  id: string,
  options: { readonly media?: boolean } = {},
): Promise<DataPeer> {
  const data = new TestData(id)
  const peer = await bench.peer(id, { ...options, data })
  const received: MeshEvents['data'][] = []
  const told: string[] = []
  peer.mesh.on('data', (message) => received.push(message))
  peer.mesh.on('dataOpen', ({ peer: other }) => told.push(`open ${other}`))
  peer.mesh.on('dataClose', ({ peer: other }) => told.push(`close ${other}`))
  return { ...peer, data, received, told }
}

/** Resolves when data can be sent to a peer. */
export async function opened({ mesh }: Peer, to: string): Promise<void> {
  if (mesh.canSendData(to)) return
  await new Promise<void>((resolve) => {
    const stop = mesh.on('dataOpen', ({ peer }) => {
      if (peer !== to) return
      stop()
      resolve()
    })
  })
}

/** The outcome of a call: `sent`, or the code or name of its error. */
export async function outcome(sending: Promise<void>): Promise<string> {
  return sending.then(
    () => 'sent',
    (error: Error & { readonly code?: string }) => error.code ?? error.name,
  )
}

/** The data channels that connections make from now on, by connection, until `stop`. */
export function watchChannels(): {
  readonly of: (connection: RTCPeerConnection | undefined) => readonly RTCDataChannel[]
  readonly stop: () => void
} {
  const made = new Map<RTCPeerConnection, RTCDataChannel[]>()
  const { prototype } = RTCPeerConnection
  const create = prototype.createDataChannel
  prototype.createDataChannel = function (label, options) {
    const channel = create.call(this, label, options)
    made.set(this, [...(made.get(this) ?? []), channel])
    return channel
  }
  return {
    of: (connection) => (connection && made.get(connection)) ?? [],
    stop: () => {
      prototype.createDataChannel = create
    },
  }
}

/** Bytes that tell their index. */
export function numbered(index: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(4, length)).fill(index)
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}

/** The index of {@link numbered} bytes. */
export const numberOf = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
