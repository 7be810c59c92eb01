import { SEALED_OVERHEAD_BYTES } from '@conclave/e2ee'
import { HOST_STATEMENT_BYTES, MAX_POLICY_BYTES } from '@conclave/e2ee/authority'
import { DEFAULT_LIMITS } from '@conclave/server'
import {
  DATA_HEADER_BYTES,
  encodeMessage,
  MAX_CONTROL_BYTES,
  MAX_LISTED_PARTICIPANTS,
  MAX_MESSAGE_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_STATEMENT_BYTES,
} from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { BOUNDS } from '../../src/bounds.ts'
import { DEADLINE_MS, UNANSWERED_MS } from '../../src/hub/unanswered.ts'
import { LIMITS } from './hub-limits.ts'
import { encodeBody, MAX_CHAT_LENGTH } from '../../src/messages/bodies.ts'

const hub = DEFAULT_LIMITS
const longestChat = encodeBody({
  text: '\u0001'.repeat(MAX_CHAT_LENGTH),
  at: Number.MAX_SAFE_INTEGER,
})
const id = 'A'.repeat(22)
const largestJoined = encodeMessage({
  type: 'joined',
  room: id as RoomId,
  channel: 0xffff_ffff,
  participants: Array.from({ length: MAX_LISTED_PARTICIPANTS }, () => id as ParticipantId),
  limits: { ...LIMITS, bytesBurst: 0xffff_ffff, publishBurst: 0xffff_ffff },
})
const largestRemoval = encodeMessage({
  type: 'remove',
  room: id as RoomId,
  participant: id as ParticipantId,
  statements: [MAX_POLICY_BYTES, HOST_STATEMENT_BYTES].map((bytes) =>
    'A'.repeat(Math.ceil((bytes * 4) / 3)),
  ),
})
/** The bytes of one participant's burst: the hub allows no more, and a session uses no more. */
const burstBytes = Math.min(hub.bytesBurst, BOUNDS.burst.bytes)

test.each([
  ['a session uses the whole burst of messages', BOUNDS.burst.messages, hub.publishBurst],
  ['a session uses the whole burst of bytes', BOUNDS.burst.bytes, hub.bytesBurst],
  ['a send log repeats a burst that a hub loses', BOUNDS.sendLog.bytes, burstBytes],
  ['an outbox holds a burst until it is acknowledged', BOUNDS.outbox.messages, hub.publishBurst],
  [
    'a hub that pauses shows in time that it lives',
    UNANSWERED_MS + DEADLINE_MS,
    hub.pingIntervalMs / 2 + 499,
  ],
  ['a hub works on a whole burst at once', hub.publishesInFlight, hub.publishBurst],
  ['two bursts wait for one who reads', hub.outboundHardBytes, 2 * burstBytes],
  ['a burst of everyone else waits for one who reads', hub.outboundHardBytes, 15 * burstBytes],
  [
    'all that a send log repeats waits for one who reads',
    hub.outboundHardBytes,
    BOUNDS.sendLog.bytes,
  ],
  ['all that a hub has in flight is repeated', BOUNDS.sendLog.messages, hub.publishesInFlight],
  ['a hub that hears a session every 5 s keeps it', hub.pingIntervalMs + hub.pongDeadlineMs, 9000],
  [
    'a hub takes the longest chat message',
    hub.maxPayloadBytes,
    longestChat.length + SEALED_OVERHEAD_BYTES,
  ],
  ['a hub lists everyone whom it may admit', MAX_LISTED_PARTICIPANTS, hub.maxParticipants - 1],
  ['a list of everyone is one control message', MAX_CONTROL_BYTES, largestJoined.length],
  ['a hub takes the largest statement', MAX_STATEMENT_BYTES, MAX_POLICY_BYTES],
  ['a removal is one control message', MAX_CONTROL_BYTES, largestRemoval.length],
  ['a hub reads the largest frame', MAX_MESSAGE_BYTES, DATA_HEADER_BYTES + MAX_PAYLOAD_BYTES],
  ['a burst holds the largest message that a hub reads', hub.bytesBurst, MAX_MESSAGE_BYTES],
])('[R31, H34] the defaults of client and hub fit: %s', (_relation, large, small) => {
  expect(large).toBeGreaterThanOrEqual(small)
})
