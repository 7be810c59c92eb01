/** Media frames, and what a page is told of their keys. */
import { importHkdfKey } from '@conclave/crypto'
import frames from '../../../spec/vectors/sframe.json' with { type: 'json' }
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
import { FuzzFailure, fromHex, mustHold, toHex } from '../target.ts'
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
    const cases = await Promise.all(
      frames.frames.map(async (vector) => {
        const suite = SUITES[vector.suite === 5 ? 5 : 4]
        const kid = BigInt(`0x${vector.kid}`)
        const baseKey = await importHkdfKey(fromHex(vector.baseKey))
        const cipher = await createFrameCipher(baseKey, { suite, kid, use: 'open' })
        return { ...vector, kid, key: new ReceiverKey(0n, cipher), bytes: fromHex(vector.sealed) }
      }),
    )
    const valid = cases.map(({ bytes }) => bytes)
    return {
      async attempt(random, note) {
        const { label, mimeType, kid, key, baseKey } = random.pick(cases)
        const data = mutateBytes(random, valid)
        note({ data, label, mimeType, kid })
        if (cases.some((each) => each.baseKey === baseKey && each.sealed === toHex(data)))
          return 'a real one, kept'
        const type = random.oneIn(16) ? mutateText(random, ['video/vp8', 'audio/opus']) : mimeType
        const encodedLabel = encodeTrackLabel(label)
        const findKey = (asked: bigint): ReceiverKey | undefined =>
          asked === kid ? key : undefined
        const frame = await openFrame({ data, mimeType: type }, { label, encodedLabel, findKey })
        if (frame.type === 'opened') throw new FuzzFailure('forged', 'opened what nobody sealed')
        mustHold(!key.isProven, 'no key is proven by what does not open')
        return frame.type === 'dropped' ? frame.reason : frame.type
      },
    }
  },
}

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
export const MEDIA_TARGETS: readonly FuzzTarget[] = [sframeHeaders, mediaFrames, keyDescriptions]
