/** Decoders of the frames that hub and client send to each other. */
import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import {
  bytesToRoomId,
  decodeClientMessage,
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  encodeMessage,
  idToBytes,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
  decodeMessageId,
} from '@conclave/wire'
import type { ClientMessage, ServerMessage } from '@conclave/wire'
import frames from '../../../spec/vectors/wire-frames.json' with { type: 'json' }
import ids from '../../../spec/vectors/wire-ids.json' with { type: 'json' }
import messages from '../../../spec/vectors/wire-messages.json' with { type: 'json' }
import { decodePortably } from '../../../packages/base/src/base64url.ts'
import { hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import { fromHex, mustEqual, mustHold } from '../target.ts'
import type { FuzzTarget, PreparedTarget } from '../target.ts'

const base64url: FuzzTarget = {
  name: 'wire/base64url',
  share: 60,
  async prepare() {
    const valid = ['', 'AA', 'AAA', 'AAAA', '_-8', 'AAECAwQFBgcICQoLDA0ODw', 'A'.repeat(43)]
    return {
      attempt(random, note) {
        const text = mutateText(random, valid, 64)
        note(text)
        const bytes = decodeBase64Url(text)
        const portable = decodeBase64Url(text, decodePortably)
        mustEqual(portable, bytes, 'the portable decoder agrees')
        if (bytes === undefined) return 'refused'
        mustHold(encodeBase64Url(bytes) === text, 'what decodes is the one text of its bytes')
        mustEqual(new Uint8Array(Buffer.from(text, 'base64url')), bytes, 'as Node decodes it')
        return 'accepted'
      },
    }
  },
}

const idTexts: FuzzTarget = {
  name: 'wire/ids',
  share: 60,
  async prepare() {
    const valid = ids.map(({ text }) => text)
    return {
      attempt(random, note) {
        const value = random.oneIn(4) ? hostileValue(random) : mutateText(random, valid, 40)
        note(value)
        const room = parseRoomId(value)
        mustHold(
          parseMessageId(value) === (room as unknown),
          'rooms and messages have the same ids',
        )
        const participant = parseParticipantId(value)
        if (room === undefined) {
          mustHold(participant === undefined, 'nobody has an id that rooms cannot have')
          return 'refused'
        }
        mustHold(value === room && bytesToRoomId(idToBytes(room)) === room, 'an id is canonical')
        mustHold((participant === undefined) === /^A+$/.test(room), 'zero is no participant')
        return 'accepted'
      },
    }
  },
}

const controlMessages = (
  name: string,
  from: 'client' | 'hub',
  decode: (data: string | Uint8Array) => ClientMessage | ServerMessage | undefined,
): FuzzTarget => ({
  name,
  share: 60,
  async prepare(): Promise<PreparedTarget> {
    const valid = messages.filter((message) => message.from === from).map(({ text }) => text)
    const encoder = new TextEncoder()
    const binary = valid.map((text) => encoder.encode(text))
    return {
      attempt(random, note) {
        const input = random.oneIn(3)
          ? mutateBytes(random, binary)
          : random.oneIn(8)
            ? randomJson(random)
            : mutateText(random, valid)
        note(input)
        const message = decode(input)
        if (message === undefined) return 'refused'
        mustEqual(decode(encodeMessage(message)), message, 'what was read can be written and read')
        const prototype: unknown = Object.getPrototypeOf(message)
        mustHold(prototype === Object.prototype || prototype === null, 'a plain object')
        mustHold(message.type in TYPES[from], 'a type that this side may send')
        return 'accepted'
      },
    }
  },
})

const dataFrames: FuzzTarget = {
  name: 'wire/data-frame',
  share: 60,
  async prepare() {
    const valid = frames.map(({ hex }) => fromHex(hex))
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        decodeMessageId(bytes)
        const frame = decodeDataFrame(bytes)
        if (frame === undefined) return 'refused'
        const extension = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)
        const plain = new Uint8Array([...bytes.subarray(0, 48), ...bytes.subarray(48 + extension)])
        plain.fill(0, 2, 4)
        mustEqual(encodeDataFrame(frame), plain, 'every frame has one encoding')
        return frame.type
      },
    }
  },
}

const TYPES = {
  client: {
    ...{ join: true, leave: true, ping: true, remove: true },
    ...{ subscribe: true, unsubscribe: true, refresh: true, members: true },
  },
  hub: {
    ...{ challenge: true, joined: true, participantJoined: true, participantLeft: true },
    ...{ refused: true, pong: true, iceServers: true, goodbye: true, unknown: true },
    ...{ subscribed: true, denied: true, unavailable: true, refreshed: true },
    ...{ unsubscribed: true, memberJoined: true, memberLeft: true, memberCount: true },
    memberPage: true,
  },
}

/** The targets of `@conclave/wire`. */
export const WIRE_TARGETS: readonly FuzzTarget[] = [
  base64url,
  idTexts,
  controlMessages('wire/client-message', 'client', decodeClientMessage),
  controlMessages('wire/server-message', 'hub', decodeServerMessage),
  dataFrames,
]
