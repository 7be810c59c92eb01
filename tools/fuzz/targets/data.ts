/** Bodies of data and frames of topics, as a member makes them. */
import { decodeDataBody, encodeDataBody } from '../../../packages/client/src/data/data-body.ts'
import {
  decodeTopicFrame,
  decodeTopicMessage,
  decodeValue,
  encodeLooseFrame,
  encodeStreamFrame,
  encodeTopicMessage,
  encodeValue,
} from '../../../packages/client/src/data/topic-frame.ts'
import { mutateBytes } from '../mutate.ts'
import { mustEqual, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const dataBodies: FuzzTarget = {
  name: 'data/body',
  share: 30,
  async prepare() {
    const contents = [0, 1, 61, 62, 63, 300].map((length) => new Uint8Array(length).fill(length))
    const valid = contents.flatMap((content) => [
      encodeDataBody('topic', content),
      encodeDataBody('file', content),
    ])
    for (const body of valid) mustHold(decodeDataBody(body) !== undefined, 'the examples are valid')
    return {
      attempt(random, note) {
        const body = mutateBytes(random, valid)
        note(body)
        const decoded = decodeDataBody(body)
        if (decoded === undefined) return 'refused'
        const again = decodeDataBody(encodeDataBody(decoded.stream, decoded.bytes))
        mustEqual(again, decoded, 'it is decoded as it was encoded')
        return decoded.stream
      },
    }
  },
}

const value = encodeValue({ x: [1, null, 'two'] })
const places = { first: 1, offset: 2, confirmed: 3 }

/** A decoder of bytes; what it accepts has one form, which it accepts again. */
function frames<T>(
  name: string,
  codec: {
    readonly valid: readonly Uint8Array[]
    readonly decode: (bytes: Uint8Array) => T | undefined
    readonly encode: (decoded: T) => Uint8Array
  },
): FuzzTarget {
  const { valid, decode, encode } = codec
  return {
    name: `data/${name}`,
    share: 30,
    async prepare() {
      for (const bytes of valid) mustHold(decode(bytes) !== undefined, 'the examples are valid')
      return {
        attempt(random, note) {
          const bytes = mutateBytes(random, valid)
          note(bytes)
          const decoded = decode(bytes)
          if (decoded === undefined) return 'refused'
          mustEqual(decode(encode(decoded)), decoded, 'it is decoded as it was encoded')
          return 'accepted'
        },
      }
    },
  }
}

const topicFrames = frames('topic-frame', {
  valid: [
    encodeStreamFrame({ ...places, asks: false, bytes: value }),
    encodeStreamFrame({ ...places, asks: true, bytes: new Uint8Array() }),
    encodeLooseFrame({ number: 7, topic: 'cursors', value }),
  ],
  decode: decodeTopicFrame,
  encode: (frame) => (frame.type === 'stream' ? encodeStreamFrame(frame) : encodeLooseFrame(frame)),
})

const topicMessages = frames('topic-message', {
  valid: [
    encodeTopicMessage({ type: 'open', topic: 'board', value: new Uint8Array() }),
    encodeTopicMessage({ type: 'value', topic: 'board', value }),
  ],
  decode: decodeTopicMessage,
  encode: encodeTopicMessage,
})

const values = frames('value', {
  valid: [value, encodeValue(Uint8Array.of(1, 2)), encodeValue(null), encodeValue('é')],
  decode: decodeValue,
  encode: (decoded) => encodeValue(decoded.value),
})

/** The targets of data. */
export const DATA_TARGETS: readonly FuzzTarget[] = [dataBodies, topicFrames, topicMessages, values]
