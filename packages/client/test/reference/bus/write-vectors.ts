/**
 * Writes the vectors of rooms on a bus (chapter *signalling*, S65 to S68), by Node's cryptography and nothing of the packages:
 * `node packages/client/test/reference/bus/write-vectors.ts`
 *
 * @module
 */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  sign,
} from 'node:crypto'
import { writeFileSync } from 'node:fs'

const bytes = (length: number, seed: string): Buffer =>
  createHash('sha512').update(seed).digest().subarray(0, length)
const uint = (value: number, length: number): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer.subarray(8 - length)
}
const withLength = (part: Buffer): Buffer => Buffer.concat([uint(part.length, 2), part])

/** spec K6, for at most 32 bytes */
const exported = (
  label: string,
  room: Buffer,
  options: { length: number; epoch: number },
): Buffer => {
  const { length, epoch } = options
  const info = Buffer.concat([
    Buffer.from('conclave/1 export\0'),
    withLength(Buffer.from(label)),
    withLength(room),
    uint(epoch, 8),
    uint(length, 2),
    Buffer.from([1]),
  ])
  return createHmac('sha256', root).update(info).digest().subarray(0, length)
}

/** spec S67 */
const padded = (frame: Buffer): Buffer => {
  const least = Math.max(frame.length + 1, 512)
  const exponent = Math.floor(Math.log2(least))
  const unit = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1)
  const whole = Buffer.alloc(Math.ceil(least / unit) * unit)
  frame.copy(whole)
  whole[frame.length] = 0x80
  return whole
}

/** spec S66 */
const sealed = (frame: Buffer, key: Buffer, seed: string): string => {
  const [salt, nonce] = [bytes(20, `salt ${seed}`), bytes(12, `nonce ${seed}`)]
  const info = 'conclave/1 bus message'
  const own = Buffer.from(hkdfSync('sha256', key, salt, info, 32))
  const cipher = createCipheriv('aes-256-gcm', own, nonce)
  const body = Buffer.concat([cipher.update(padded(frame)), cipher.final()])
  return Buffer.concat([salt, nonce, body, cipher.getAuthTag()]).toString('base64url')
}

const pkcs8 = (seed: Buffer): Buffer =>
  Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])

const root = bytes(32, 'root')
const room = bytes(16, 'room')
const privateKey = createPrivateKey({
  key: pkcs8(bytes(32, 'alice')),
  format: 'der',
  type: 'pkcs8',
})
const signingKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
const alice = Buffer.from(hkdfSync('sha256', signingKey, '', 'conclave/1 participant id', 16))
const bob = bytes(16, 'bob')

/** spec S68 */
const frame = (kind: number, to: Buffer, body: Buffer): Buffer => {
  const signed = Buffer.concat([Buffer.from([kind]), signingKey, to, body])
  const statement = Buffer.concat([Buffer.from('conclave/1 bus frame\0'), room, signed])
  return Buffer.concat([signed, sign(null, statement, privateKey)])
}
const everyone = Buffer.alloc(16)
const payload = bytes(40, 'payload')
const frames = [
  {
    kind: 'here',
    to: null,
    sequence: 1,
    asks: false,
    body: Buffer.concat([uint(1, 6), uint(0, 1)]),
  },
  { kind: 'here', to: bob, sequence: 2, asks: true, body: Buffer.concat([uint(2, 6), uint(1, 1)]) },
  { kind: 'leave', to: null, body: Buffer.alloc(0) },
  { kind: 'message', to: bob, sequence: 7, payload, body: Buffer.concat([uint(7, 6), payload]) },
  {
    kind: 'receipt',
    to: bob,
    sequences: [3, 2 ** 40],
    body: Buffer.concat([uint(3, 6), uint(2 ** 40, 6)]),
  },
]
const kinds = ['here', 'leave', 'message', 'receipt']

const rooms = [0, 1].map((epoch) => {
  const key = exported('conclave/1 bus key', room, { length: 32, epoch })
  return {
    epoch,
    subject: exported('conclave/1 bus subject', room, { length: 16, epoch }).toString('base64url'),
    frames: frames.map(({ body, to, ...message }, index) => {
      const whole = frame(kinds.indexOf(message.kind), to ?? everyone, body)
      return {
        ...message,
        ...('payload' in message && { payload: payload.toString('hex') }),
        to: to === null ? null : to.toString('base64url'),
        bytes: whole.toString('hex'),
        text: sealed(whole, key, `${epoch} ${index}`),
      }
    }),
  }
})

writeFileSync(
  new URL('../../../../../spec/vectors/bus.json', import.meta.url),
  `${JSON.stringify(
    {
      root: root.toString('hex'),
      room: room.toString('base64url'),
      sender: alice.toString('base64url'),
      rooms,
    },
    null,
    2,
  )}\n`,
)
