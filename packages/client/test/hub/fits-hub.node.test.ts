import { SEALED_OVERHEAD_BYTES } from '@conclave/e2ee'
import { DEFAULT_LIMITS } from '@conclave/server'
import { expect, test } from 'vitest'
import { BOUNDS } from '../../src/bounds.ts'
import { encodeBody, MAX_CHAT_LENGTH } from '../../src/messages/bodies.ts'

const hub = DEFAULT_LIMITS
const longestChat = encodeBody({
  text: '\u0001'.repeat(MAX_CHAT_LENGTH),
  at: Number.MAX_SAFE_INTEGER,
})
/** The bytes of one participant's burst: the hub allows no more, and a session uses no more. */
const burstBytes = Math.min(hub.bytesBurst, BOUNDS.burst.bytes)

test.each([
  ['a session uses the whole burst of messages', BOUNDS.burst.messages, hub.publishBurst],
  ['a session uses the whole burst of bytes', BOUNDS.burst.bytes, hub.bytesBurst],
  ['a send log repeats a burst that a hub loses', BOUNDS.sendLog.bytes, burstBytes],
  ['an outbox holds a burst until it is acknowledged', BOUNDS.outbox.messages, hub.publishBurst],
  ['a hub works on a whole burst at once', hub.publishesInFlight, hub.publishBurst],
  ['two bursts wait for one who reads', hub.outboundHardBytes, 2 * burstBytes],
  [
    'a hub takes the longest chat message',
    hub.maxPayloadBytes,
    longestChat.length + SEALED_OVERHEAD_BYTES,
  ],
])('[R31, H34] the defaults of client and hub fit: %s', (_relation, large, small) => {
  expect(large).toBeGreaterThanOrEqual(small)
})
