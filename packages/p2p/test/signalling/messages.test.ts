import { expect, test } from 'vitest'
import { decodeSignalMessage } from '@conclave/p2p'
import type { SignalMessage } from '@conclave/p2p'

const track = { mid: '0', label: 'microphone', kind: 'audio', active: true }
const candidate = {
  candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: 'abcd',
}
const messages = {
  invoke: { type: 'invoke', id: 'alice', connection: 'c' },
  question: { type: 'invoke', id: 'alice' },
  'a question with a name': { type: 'invoke', id: 'alice', next: 'c' },
  offer: {
    type: 'offer',
    id: 'alice',
    connection: 'c',
    negotiation: 2,
    ice: 1,
    sdp: 'v=0',
    tracks: [track, { ...track, mid: '1', label: 'camera', kind: 'video', active: false }],
    keys: 'keys',
    metadata: '{"name":"Alice"}',
  },
  answer: { type: 'answer', id: 'alice', connection: 'c', negotiation: 2, sdp: 'v=0' },
  candidate: { type: 'candidate', id: 'alice', connection: 'c', ice: 1, candidates: [candidate] },
  sync: { type: 'sync', id: 'alice', connection: 'c', negotiation: 0, restart: true },
  wishes: {
    ...{ type: 'sync', id: 'alice', connection: 'c', negotiation: 1, restart: false },
    wishes: [
      { label: 'camera', wish: 'paused' },
      { label: 'screen', wish: 'low' },
    ],
  },
  announcement: { type: 'sync', id: 'alice', negotiation: 0, restart: false },
  dispose: { type: 'dispose', id: 'alice', connection: 'c' },
  farewell: { type: 'dispose', id: 'alice' },
} satisfies Record<string, SignalMessage | object>

test.each(Object.entries(messages))('[S7] %s is decoded as it is', (_name, message) => {
  expect(decodeSignalMessage(message)).toEqual(message)
  expect(decodeSignalMessage(JSON.parse(JSON.stringify(message)))).toEqual(message)
})

test('[S7] further members are ignored, and the result is a new object', () => {
  const decoded = decodeSignalMessage({ ...messages.invoke, more: 1, toString: 'no' })
  expect(decoded).toEqual(messages.invoke)
  const offer = decodeSignalMessage(messages.offer)
  expect(offer).not.toBe(messages.offer)
})

test.each([
  null,
  undefined,
  'invoke',
  7,
  [],
  {},
  { type: 'invoke' },
  { type: 'invoke', id: 7 },
  { type: 'unknown', id: 'alice' },
  { type: 'toString', id: 'alice' },
  { type: '__proto__', id: 'alice' },
])('[S7] %j is malformed', (value) => {
  expect(decodeSignalMessage(value)).toBeUndefined()
})

const changed: readonly (readonly [string, object, object])[] = [
  ['an empty id', messages.invoke, { id: '' }],
  ['a long id', messages.invoke, { id: 'x'.repeat(129) }],
  ['a control character in an id', messages.invoke, { id: 'a\nb' }],
  ['a connection that is no text', messages.invoke, { connection: 1 }],
  ['a next connection that is no text', messages.invoke, { next: 1 }],
  ['an offer without a connection', messages.offer, { connection: undefined }],
  ['an answer without a connection', messages.answer, { connection: undefined }],
  ['candidates without a connection', messages.candidate, { connection: undefined }],
  ['an empty description', messages.offer, { sdp: '' }],
  ['a long description', messages.offer, { sdp: 'x'.repeat(60_001) }],
  ['a long description in an answer', messages.answer, { sdp: 'x'.repeat(60_001) }],
  ['long keys', messages.offer, { keys: 'x'.repeat(1_025) }],
  ['long metadata', messages.offer, { metadata: 'x'.repeat(4_097) }],
  ['metadata that is no text', messages.offer, { metadata: {} }],
  ['negotiation 0', messages.offer, { negotiation: 0 }],
  ['a fraction', messages.offer, { negotiation: 1.5 }],
  ['a huge number', messages.answer, { negotiation: 2 ** 53 }],
  ['credentials of the future', messages.offer, { ice: 3 }],
  ['too many tracks', messages.offer, { tracks: distinctTracks(17) }],
  ['a repeated mid', messages.offer, { tracks: [track, { ...track, label: 'camera' }] }],
  ['a repeated label', messages.offer, { tracks: [track, { ...track, mid: '1' }] }],
  ['an unknown kind', messages.offer, { tracks: [{ ...track, kind: 'text' }] }],
  ['a track without activity', messages.offer, { tracks: [{ ...track, active: undefined }] }],
  ['tracks that are no list', messages.offer, { tracks: { length: 1, 0: track } }],
  ['a sparse list', messages.offer, { tracks: Array.from({ length: 2 }) }],
  ['too many candidates', messages.candidate, { candidates: Array(25).fill(candidate) }],
  ['a long candidate', messages.candidate, candidates({ candidate: 'x'.repeat(2_001) })],
  [
    'a candidate without a place',
    messages.candidate,
    candidates({ sdpMid: null, sdpMLineIndex: null }),
  ],
  ['an impossible line', messages.candidate, candidates({ sdpMLineIndex: 65_536 })],
  ['a missing fragment', messages.candidate, candidates({ usernameFragment: undefined })],
  ['too many wishes', messages.sync, { wishes: Array(17).fill({ label: 'camera', wish: 'low' }) }],
  ['wishes that are no list', messages.sync, { wishes: 'paused' }],
  ['an unknown wish', messages.sync, { wishes: [{ label: 'camera', wish: 'full' }] }],
  ['a wish for nothing', messages.sync, { wishes: [{ wish: 'low' }] }],
  ['a restart that is no boolean', messages.sync, { restart: 1 }],
]

test.each(changed)('[S8] %s is malformed', (_name, message, change) => {
  expect(decodeSignalMessage(message)).toBeDefined()
  expect(decodeSignalMessage({ ...message, ...change })).toBeUndefined()
})

test('[S8] a message of exactly the maximum length is decoded', () => {
  const sdp = 'x'.repeat(60_000)
  const tracks = distinctTracks(16)
  expect(decodeSignalMessage({ ...messages.offer, sdp, tracks })).toEqual({
    ...messages.offer,
    sdp,
    tracks,
  })
  const full = { ...messages.candidate, candidates: Array(24).fill(candidate) }
  expect(decodeSignalMessage(full)).toEqual(full)
})

function distinctTracks(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    ...track,
    mid: String(index),
    label: `label ${index}`,
  }))
}

function candidates(change: object): object {
  return { candidates: [{ ...candidate, ...change }] }
}
