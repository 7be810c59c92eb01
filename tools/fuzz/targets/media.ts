/** Media frames, and what a page is told of their keys. */
import { importHkdfKey } from '@conclave/crypto'
import frames from '../../../spec/vectors/sframe.json' with { type: 'json' }
import { findCodecProfile } from '../../../packages/media/src/codec/find-profile.ts'
import { openFrame } from '../../../packages/media/src/worker/frame-opener.ts'
import {
  decodeKeyDescription,
  encodeKeyDescription,
} from '../../../packages/media/src/page/key-description.ts'
import { encodeTrackLabel } from '../../../packages/media/src/shared/track-name.ts'
import { ReceiverKey } from '../../../packages/media/src/worker/receiver-keys.ts'
import { createFrameCipher } from '../../../packages/media/src/sframe/cipher.ts'
import {
  decodeSFrameHeader,
  encodeSFrameHeader,
} from '../../../packages/media/src/sframe/header.ts'
import { SUITES } from '../../../packages/media/src/sframe/suite.ts'
import { hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import { SIGNED_MEDIA_TARGETS } from './signed-media.ts'
import { FuzzFailure, fromHex, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const sframeHeaders: FuzzTarget = {
  name: 'media/sframe-header',
  share: 80,
  async prepare() {
    const valid = [0n, 7n, 8n, 255n, 256n, 2n ** 56n - 1n, 2n ** 64n - 1n].flatMap((kid) =>
      [0n, 8n, 2n ** 32n, 2n ** 64n - 1n].map((ctr) => encodeSFrameHeader(kid, ctr)),
    )
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid, 24)
        note(bytes)
        const header = decodeSFrameHeader(bytes)
        if (header === undefined) return 'refused'
        const again = toHex(encodeSFrameHeader(header.kid, header.ctr))
        mustHold(again === toHex(bytes.subarray(0, header.length)), 'the shortest encoding alone')
        return 'read'
      },
    }
  },
}

const mediaFrames: FuzzTarget = {
  name: 'media/open-frame',
  share: 40,
  async prepare() {
    const all = [...frames.frames, ...frames.received]
    const cases = await Promise.all(
      all.map(async (vector) => {
        const suite = SUITES[vector.suite === 5 ? 5 : 4]
        const kid = BigInt(`0x${vector.kid}`)
        const baseKey = await importHkdfKey(fromHex(vector.baseKey))
        const cipher = await createFrameCipher(baseKey, { suite, kid, use: 'open' })
        const opened = vector.opened ?? ('frame' in vector ? vector.frame : '')
        return { ...vector, kid, cipher, opened, bytes: fromHex(vector.sealed) }
      }),
    )
    const valid = [...cases.map(({ bytes }) => bytes), ...frames.dropped.map(sealedOf)]
    return {
      async attempt(random, note) {
        const { label, mimeType, kid, cipher, baseKey } = random.pick(cases)
        const data = mutateBytes(random, valid)
        const type = random.oneIn(16) ? random.pick(cases).mimeType : mimeType
        note({ data, label, mimeType: type, kid })
        const key = new ReceiverKey(0n, cipher)
        const encodedLabel = encodeTrackLabel(label)
        const findKey = (asked: bigint): ReceiverKey | undefined =>
          asked === kid ? key : undefined
        const track = { label, encodedLabel, findKey }
        const frame = await openFrame({ data, mimeType: type }, track)
        if (frame.type === 'opened') {
          const found = toHex(frame.data)
          // RTP may write other sizes into a frame of AV1, and start codes into one of H.264: the frame is the same.
          const isReal = cases.some(
            (real) =>
              real.baseKey === baseKey &&
              real.label === label &&
              real.mimeType === type &&
              real.opened === found,
          )
          if (!isReal) throw new FuzzFailure('forged', 'opened what nobody sealed')
          const again = await openFrame({ data, mimeType: type }, track)
          mustHold(again.type === 'dropped' && again.reason === 'replay', 'a frame opens once')
          return 'a real one, kept'
        }
        mustHold(!key.isProven, 'no key is proven by what does not open')
        return frame.type === 'dropped' ? frame.reason : frame.type
      },
    }
  },
}

const sealedOf = ({ sealed }: { readonly sealed: string }): Uint8Array => fromHex(sealed)

/** Any bytes as frames, from the encoder and from the network, of all codecs. */
const codecShims: FuzzTarget = {
  name: 'media/codec-shims',
  share: 160,
  async prepare() {
    const all = [...frames.frames, ...frames.dropped, ...frames.received]
    const valid = all.flatMap((vector) => {
      const sealed = fromHex(vector.sealed)
      return 'frame' in vector ? [sealed, fromHex(vector.frame)] : [sealed]
    })
    const names = ['audio/opus', 'video/vp8', 'video/vp9', 'video/av1', 'video/h264']
    const profiles = names.map(findCodecProfile).filter((profile) => profile !== undefined)
    const header = encodeSFrameHeader(2n ** 56n - 1n, 77n)
    return {
      attempt(random, note) {
        const { mimeType, split, wrap, unwrap, restore } = random.pick(profiles)
        const frame = random.oneIn(50_000)
          ? repeat(mutateBytes(random, valid, 64), random.below(2_000_000))
          : mutateBytes(random, valid)
        const hasClearVp9Byte = random.oneIn(2)
        note({ frame, mimeType, hasClearVp9Byte })
        const received = unwrap(frame)
        const parts = split(frame, { hasClearVp9Byte })
        const outcome = (found: typeof parts): string =>
          typeof found === 'string' ? found : 'split'
        const outcomes = `${mimeType} ${outcome(parts)}, ${outcome(received)}`
        if (typeof received !== 'string') {
          // The clear part is a function of what is authenticated: put together again it is found again.
          const again = unwrap(wrap(received.clear, received.rest, new Uint8Array()))
          mustHold(typeof again !== 'string', 'a frame that was read is written so that it is read')
          mustEqual(toHex(again.clear), toHex(received.clear), 'the same clear part')
          mustEqual(toHex(again.rest), toHex(received.rest), 'the same rest')
        }
        if (typeof parts === 'string') return outcomes
        const sealed = unwrap(wrap(parts.clear, header, parts.rest))
        mustHold(typeof sealed !== 'string', 'a reader takes what a writer makes')
        mustEqual(toHex(sealed.clear), toHex(parts.clear), 'the clear part of the sender')
        const body = sealed.rest.slice(header.length)
        mustEqual(toHex(body), toHex(parts.rest), 'the body of the sender')
        const restored = restore(sealed.clear, body)
        const normal = split(restored, { hasClearVp9Byte })
        mustHold(typeof normal !== 'string', 'a decoder gets a frame of the codec')
        mustEqual(toHex(normal.clear), toHex(parts.clear), 'with the same clear part')
        return outcomes
      },
    }
  },
}

const repeat = (bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    { length: bytes.length === 0 ? 0 : length },
    (_, at) => bytes[at % bytes.length] ?? 0,
  )

const keyDescriptions: FuzzTarget = {
  name: 'media/key-description',
  share: 30,
  async prepare() {
    const valid = [0n, 1n, 2n ** 56n - 1n].map((kid) => encodeKeyDescription(kid, 4))
    return {
      attempt(random, note) {
        const input = random.oneIn(4) ? hostileValue(random) : mutateText(random, valid, 40)
        note(input)
        const kid = decodeKeyDescription(input, 4)
        if (kid === undefined) return 'refused'
        mustHold(encodeKeyDescription(kid, 4) === input, 'the one text of its KID')
        return 'read'
      },
    }
  },
}

/** The targets of media. */
export const MEDIA_TARGETS: readonly FuzzTarget[] = [
  sframeHeaders,
  codecShims,
  mediaFrames,
  keyDescriptions,
  ...SIGNED_MEDIA_TARGETS,
]
