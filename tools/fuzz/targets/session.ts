/** Messages of a room, links and signalling: what a page is given by a server and by its peers. */
import {
  createSealer,
  decodeEnvelopeHeader,
  encodeLinkSecret,
  parseLinkSecret,
  SharedKeySource,
} from '@conclave/e2ee'
import { parseRoomLink } from '@conclave/client'
import { bytesToParticipantId, parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import keys from '../../../spec/vectors/keys.json' with { type: 'json' }
import messages from '../../../spec/vectors/payload.json' with { type: 'json' }
import {
  decodeChat,
  decodeHello,
  decodeInfo,
} from '../../../packages/client/src/messages/bodies.ts'
import { encodeEnvelopeHeader } from '../../../packages/e2ee/src/messages/message-envelope.ts'
import { checkDescription } from '../../../packages/p2p/src/connection/check-description.ts'
import { endpointOf } from '../../../packages/p2p/src/connection/remote-address.ts'
import { decodeSignalMessage } from '../../../packages/p2p/src/signalling/decode-message.ts'
import { hasTraps, hostileCopy, hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import { FuzzFailure, fromHex, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const envelopeHeaders: FuzzTarget = {
  name: 'session/envelope-header',
  share: 60,
  async prepare() {
    const valid = messages.messages.map(({ bytes }) => fromHex(bytes))
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        const header = decodeEnvelopeHeader(bytes)
        if (header === undefined) return 'refused'
        mustHold(
          toHex(encodeEnvelopeHeader(header)) === toHex(bytes.subarray(0, 28 + (bytes[3] ?? 0))),
          'canonical',
        )
        return header.audience
      },
    }
  },
}

const sealed: FuzzTarget = {
  name: 'session/open',
  share: 40,
  async prepare() {
    const [room, self] = [roomOf('AAAAAAAAAAAAAAAAAAAAAQ'), participantOf(1)]
    const senders = [participantOf(2), participantOf(3)]
    const source = (): SharedKeySource => new SharedKeySource(new Uint8Array(32).fill(9))
    const sealers = senders.map((sender) =>
      createSealer({ keys: source(), room, unsafeSelf: sender }),
    )
    const cases: { readonly from: ParticipantId; readonly bytes: Uint8Array<ArrayBuffer> }[] = []
    for (let round = 0; round < 8; round += 1) {
      for (const [index, sealer] of sealers.entries()) {
        const options = { kind: round, ...(round % 2 === 0 && { to: self }) }
        const { bytes } = await sealer.seal(options, new Uint8Array(round * 5).fill(round))
        cases.push({ from: senders[index] ?? self, bytes })
      }
    }
    const receiver = createSealer({ keys: source(), room, unsafeSelf: self })
    const valid = cases.map(({ bytes }) => bytes)
    return {
      async attempt(random, note) {
        const chosen = random.pick(cases)
        const bytes = random.oneIn(20) ? chosen.bytes : mutateBytes(random, valid)
        const from = random.oneIn(8)
          ? random.pick([...senders, self, participantOf(4)])
          : chosen.from
        // Every real message stays unopened until the end.
        if (cases.some((each) => each.from === from && toHex(each.bytes) === toHex(bytes)))
          return 'a real one, kept'
        note({ from, bytes })
        const opened = await receiver.open(from, bytes)
        if (opened.type === 'opened') throw new FuzzFailure('forged', 'opened what nobody sealed')
        mustHold(REASONS.has(opened.reason), 'a documented reason')
        return opened.reason
      },
      async finish() {
        for (const { from, bytes } of cases) {
          mustHold(
            (await receiver.open(from, bytes)).type === 'opened',
            'every real one still opens',
          )
          const again = await receiver.open(from, bytes)
          if (again.type === 'opened') throw new FuzzFailure('forged', 'opened twice')
        }
      },
    }
  },
}

const secrets: FuzzTarget = {
  name: 'session/link-secret',
  share: 50,
  async prepare() {
    const valid = keys.linkSecrets.accepted.map(({ text }) => text)
    return {
      attempt(random, note) {
        const input = random.oneIn(4) ? hostileValue(random) : mutateText(random, valid, 60)
        note(input)
        const secret = parseLinkSecret(input)
        if (secret === undefined) return 'refused'
        mustHold(encodeLinkSecret(secret) === input, 'the one text of its bytes')
        mustHold(!JSON.stringify({ secret }).includes(String(input)), 'does not show itself')
        return 'accepted'
      },
    }
  },
}

const links: FuzzTarget = {
  name: 'session/room-link',
  share: 4,
  async prepare() {
    const valid = keys.linkKeys.map(({ room, secret }) => {
      const text = Buffer.from(secret, 'hex').toString('base64url')
      return `https://meet.example/r/${room}#${text}`
    })
    return {
      async attempt(random, note) {
        const href = random.oneIn(16) ? hostileValue(random, 1) : mutateText(random, valid)
        note(href)
        if (typeof href === 'symbol' || (typeof href === 'object' && href !== null))
          return 'no text'
        const link = await parseRoomLink(href as string)
        if (link.type === 'invalid') return link.reason
        const pair = `/r/${link.room}#${encodeLinkSecret(link.secret)}`
        if (!valid.some((text) => text.endsWith(pair)))
          throw new FuzzFailure('forged', 'a secret that does not belong to its room')
        return 'ok'
      },
    }
  },
}

const sessionBodies: FuzzTarget = {
  name: 'session/bodies',
  share: 30,
  async prepare() {
    const info = { name: 'Alice', published: { microphone: true } }
    const positions = { room: 1, direct: 2 }
    const hello = { reply: true, next: positions, oldest: positions, received: positions, info }
    const texts = [hello, info, { text: 'hi', at: 1 }].map((value) => JSON.stringify(value))
    const encoder = new TextEncoder()
    const valid = texts.map((text) => encoder.encode(text))
    return {
      attempt(random, note) {
        const bytes = random.oneIn(3)
          ? mutateBytes(random, valid)
          : encoder.encode(random.oneIn(8) ? randomJson(random) : mutateText(random, texts))
        note(bytes)
        const read = [decodeHello(bytes), decodeInfo(bytes), decodeChat(bytes)]
        const count = read.filter((value) => value !== undefined).length
        mustHold(count <= 1, 'no body is two things')
        for (const value of read) {
          if (value === undefined) continue
          mustEqual(JSON.parse(JSON.stringify(value)), value, 'plain JSON')
        }
        return count === 0 ? 'refused' : 'accepted'
      },
    }
  },
}

const signals: FuzzTarget = {
  name: 'session/signal-message',
  share: 40,
  async prepare() {
    const [id, connection] = ['a', 'c']
    const text = 'candidate:1 1 udp 1 10.0.0.1 5000 typ host'
    const candidate = { candidate: text, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }
    const track = { mid: '0', label: 'camera', kind: 'video', active: true }
    const valid: readonly object[] = [
      { type: 'invoke', id, connection },
      { type: 'sync', id, negotiation: 1, restart: true },
      { type: 'answer', id, connection, negotiation: 1, sdp: `v=0\r\nm=x\r\na=${text}` },
      { type: 'candidate', id, connection, ice: 1, candidates: [candidate] },
      {
        type: 'offer',
        id,
        connection,
        negotiation: 2,
        ice: 1,
        sdp: 'v=0',
        tracks: [track],
        keys: '',
      },
      { type: 'dispose', id },
    ]
    const texts = valid.map((message) => JSON.stringify(message))
    return {
      attempt(random, note) {
        const input = random.oneIn(3)
          ? hostileCopy(random, random.pick(valid))
          : random.oneIn(4)
            ? hostileValue(random)
            : parse(mutateText(random, texts))
        note(input)
        const message = decodeSignalMessage(input)
        if (message === undefined) return 'refused'
        if (hasTraps(input)) return 'no matter what'
        const text = JSON.stringify(message)
        mustHold(JSON.stringify(decodeSignalMessage(message)) === text, 'it is a message')
        mustHold(JSON.stringify(decodeSignalMessage(JSON.parse(text))) === text, 'plain JSON')
        if (message.type === 'offer' || message.type === 'answer') {
          const checked = checkDescription(message.sdp, (candidate) => isPlace(candidate))
          mustHold(checked === undefined || checked.length <= 2 * message.sdp.length, 'no more')
        } else if (message.type === 'candidate') {
          for (const { candidate } of message.candidates) isPlace(candidate)
        }
        return message.type
      },
    }
  },
}

const isPlace = (candidate: string): boolean => endpointOf(candidate) !== undefined

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function roomOf(text: string): RoomId {
  const id = parseRoomId(text)
  if (id === undefined) throw new Error('expected a room id')
  return id
}

function participantOf(fill: number): ParticipantId {
  const id = parseParticipantId(bytesToParticipantId(new Uint8Array(16).fill(fill)))
  if (id === undefined) throw new Error('expected a participant id')
  return id
}

const REASONS: ReadonlySet<string> = new Set([
  ...['malformed', 'reflected', 'replay', 'too-many-senders', 'other-sealer', 'unknown-key'],
  ...['other-key', 'not-authentic'],
])

/** The targets of rooms. */
export const SESSION_TARGETS: readonly FuzzTarget[] = [
  ...[envelopeHeaders, sealed, secrets, links, sessionBodies, signals],
]
