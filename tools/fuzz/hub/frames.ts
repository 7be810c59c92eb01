/**
 * WebSocket frames as a client writes them, right and wrong, and those of the hub as it must write them.
 *
 * @module
 */
import type { Random } from '../random.ts'

/** A frame of a client; fields that are left out are right. RFC 6455 §5.2 */
export function clientFrame(
  data: Uint8Array,
  options: {
    readonly opcode: number
    readonly isLast?: boolean
    /** The three reserved bits, which must be clear. */
    readonly reserved?: number
    readonly isMasked?: boolean
    /** The length that the frame claims. */
    readonly length?: number
    readonly mask?: Uint8Array
  },
): Buffer {
  const { opcode, isLast = true, reserved = 0, isMasked = true, length = data.length } = options
  const { mask = Uint8Array.of(1, 2, 3, 4) } = options
  const head = [(isLast ? 0x80 : 0) | (reserved << 4) | opcode]
  const bit = isMasked ? 0x80 : 0
  if (length < 126) head.push(bit | length)
  else if (length < 65_536) head.push(bit | 126, length >> 8, length & 0xff)
  else {
    const long = Buffer.alloc(8)
    long.writeBigUInt64BE(BigInt(length))
    head.push(bit | 127, ...long)
  }
  const masked = isMasked ? data.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : data
  return Buffer.concat([Buffer.from(head), isMasked ? mask : new Uint8Array(), masked])
}

/** A message in frames: mostly whole and right, sometimes in pieces, and sometimes wrong in one way. */
export function frameMessage(random: Random, data: Uint8Array, isText: boolean): Buffer {
  const opcode = isText ? 1 : 2
  const mask = random.bytes(4)
  if (random.oneIn(12)) return inPieces(random, data, opcode)
  if (!random.oneIn(16)) return clientFrame(data, { opcode, mask })
  switch (random.below(7)) {
    case 0:
      return clientFrame(data, { opcode: random.below(16), mask })
    case 1:
      return clientFrame(data, { opcode, mask, reserved: 1 + random.below(7) })
    case 2:
      return clientFrame(data, { opcode, isMasked: false })
    case 3:
      return clientFrame(data, { opcode, mask, length: random.pick(LENGTHS) })
    case 4:
      return clientFrame(data, { opcode: random.pick([9, 10]), mask })
    case 5:
      return clientFrame(closing(random), { opcode: 8, mask })
    default:
      return clientFrame(data, { opcode, mask }).subarray(0, random.below(data.length + 6))
  }
}

/** A frame that the hub wrote. */
export interface HubFrame {
  readonly opcode: number
  readonly data: Buffer
}

/** Takes whole frames from the beginning of what was read. A string says what is wrong with them. */
export function readHubFrames(bytes: Buffer): {
  readonly frames: readonly HubFrame[]
  readonly rest: Buffer
  readonly wrong?: string
} {
  const frames: HubFrame[] = []
  let rest = bytes
  for (;;) {
    const [first = 0, second = 0] = rest
    const extra = second === 126 ? 2 : second === 127 ? 8 : 0
    if (rest.length < 2 + extra) return { frames, rest }
    if ((first & 0xf0) !== 0x80 || second > 127)
      return { frames, rest, wrong: 'a frame that is not whole and plain' }
    const length =
      extra === 0 ? second : extra === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
    const end = 2 + extra + length
    if (rest.length < end) return { frames, rest }
    frames.push({ opcode: first & 15, data: rest.subarray(2 + extra, end) })
    rest = rest.subarray(end)
  }
}

function inPieces(random: Random, data: Uint8Array, opcode: number): Buffer {
  const count = random.oneIn(10) ? 70 : 1 + random.below(5)
  const size = Math.ceil(data.length / count)
  return Buffer.concat(
    Array.from({ length: count }, (_, n) => {
      const piece = data.subarray(n * size, (n + 1) * size)
      const isLast = n === count - 1 && !random.oneIn(10)
      const between = random.oneIn(8) ? [clientFrame(random.bytes(3), { opcode: 9 })] : []
      return Buffer.concat([
        ...between,
        clientFrame(piece, { opcode: n === 0 ? opcode : 0, isLast }),
      ])
    }),
  )
}

function closing(random: Random): Uint8Array {
  const code = random.pick([0, 999, 1000, 1001, 1005, 1006, 1015, 3000, 4400, 4503, 65_535])
  const text = random.bytes(random.length(130))
  return random.oneIn(4) ? text : Buffer.concat([Buffer.from([code >> 8, code & 255]), text])
}

const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 262_144, 262_145, 2 ** 31, 2 ** 52]
