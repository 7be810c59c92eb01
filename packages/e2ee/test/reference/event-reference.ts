/**
 * A second implementation of events, from the chapter only: `node:crypto`, one line for each line of the tables.
 *
 * @module
 */
import { createCipheriv } from 'node:crypto'
import { exportKey, lp, signWithSeed, u64, utf8 } from './node-reference.ts'

/** Everything that determines an event's bytes. */
export interface ReferenceEvent {
  readonly kind: 'chat' | 'call' | 'realtime'
  /** A bare key, or the secret that the key is derived from. */
  readonly key: Buffer
  readonly derived: boolean
  readonly keyId: string
  readonly epoch: bigint
  readonly sender: string
  readonly place?: { readonly stream: number; readonly sequence: number }
  /** In their order; without the name when it is hidden. */
  readonly fields: readonly string[]
  readonly hiddenName?: string
  readonly padded: boolean
  readonly bytes: boolean
  readonly body: Buffer
  readonly nonce: Buffer
  /** The seed of the key that signs. */
  readonly signer?: Buffer
  /** Replaces the key of the signer. */
  readonly signature?: Buffer
}

const u8 = (...values: number[]): Buffer => Buffer.from(values)

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const KIND = { chat: 1, call: 2, realtime: 3 } as const

export function sealReferenceEvent(event: ReferenceEvent) {
  const { kind, derived, keyId, epoch, sender, place, fields, hiddenName, padded } = event
  const [id, name] = [utf8(keyId), utf8(sender)]
  const flags =
    (derived ? 1 : 0) +
    (padded ? 2 : 0) +
    (event.bytes ? 4 : 0) +
    (hiddenName === undefined ? 0 : 8) +
    (place === undefined ? 0 : 16) +
    (event.signer === undefined ? 0 : 32)
  const header = Buffer.concat([
    u8(2, KIND[kind], flags, id.length, name.length),
    u64(epoch),
    id,
    name,
    ...(place === undefined ? [] : [u64(BigInt(place.stream)), u64(BigInt(place.sequence))]),
  ])
  const aad = Buffer.concat([
    utf8('conclave/1 event'),
    u8(0),
    header,
    ...fields.map((field) => lp(utf8(field))),
  ])
  const context = Buffer.concat([u8(KIND[kind]), u8(id.length), id, name])
  const key = derived
    ? exportKey(event.key, { label: 'conclave/1 event', context, length: 32, epoch })
    : event.key
  const named =
    hiddenName === undefined ? event.body : Buffer.concat([lp(utf8(hiddenName)), event.body])
  const body = padded ? padReference(named) : named
  const signed = Buffer.concat([utf8('conclave/1 signed event'), u8(0), u32(aad.length), aad, body])
  const signature = event.signature ?? (event.signer && signWithSeed(event.signer, signed))
  const plaintext = Buffer.concat([signature ?? Buffer.alloc(0), body])
  const cipher = createCipheriv('aes-256-gcm', key, event.nonce)
  cipher.setAAD(aad)
  const committed = Buffer.concat([Buffer.alloc(16), plaintext])
  const sealed = [event.nonce, cipher.update(committed), cipher.final(), cipher.getAuthTag()]
  const box = Buffer.concat(sealed)
  const json = {
    v: 2,
    kind,
    flags,
    ...(keyId === '' ? {} : { keyId }),
    epoch: epoch < 2n ** 53n ? Number(epoch) : epoch.toString(),
    ...(sender === '' ? {} : { sender }),
    ...place,
    sealed: box.toString('base64url'),
  }
  return { key, aad, plaintext, json, binary: Buffer.concat([header, box]) }
}

/** The lengths that Padmé allows are those whose bits below the highest few are zero: tries them one by one. */
function padReference(bytes: Buffer): Buffer {
  let length = Math.max(bytes.length + 1, 64)
  while (!isPadme(length)) length += 1
  return Buffer.concat([bytes, u8(0x80), Buffer.alloc(length - bytes.length - 1)])
}

function isPadme(length: number): boolean {
  const bits = length.toString(2)
  const exponent = bits.length - 1
  const kept = exponent.toString(2).length
  return /^0*$/.test(bits.slice(1 + kept))
}
