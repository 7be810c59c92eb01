import { VirtualClock } from '@conclave/base/testing'
import { beforeEach, expect, test } from 'vitest'
import { CandidateSender } from '../../src/connection/candidate-sender.ts'
import type { PeerContext } from '../../src/connection/peer-context.ts'

let clock: VirtualClock
let sender: CandidateSender
/** Each message as its negotiation and its candidates. */
let sent: string[]

beforeEach(() => {
  clock = new VirtualClock()
  sent = []
  const send: PeerContext['send'] = (message) => {
    if (message.type !== 'candidate') throw new Error('unreachable')
    sent.push(
      `${message.ice}: ${message.candidates.map(({ candidate }) => candidate.split(' ')[0]?.slice(10)).join(' ')}`,
    )
  }
  sender = new CandidateSender({ clock, send } as unknown as PeerContext)
  sender.begin('a connection', 1)
})

test('[S22] candidates are sent again after 0.5, 1, 2 and 4 seconds, those that came later too', () => {
  find('a', 'b')
  clock.advance(10)
  find('c')
  clock.advance(489)
  expect(sent).toEqual(['1: a b', '1: c'])
  for (const pauseMs of [500, 1000, 2000, 4000]) {
    const { length } = sent
    clock.advance(pauseMs)
    expect(sent.slice(length)).toEqual(['1: a b c'])
  }
  clock.advance(60_000)
  expect(sent).toHaveLength(6)
})

test('[S107] the first candidates go at once, and later ones together', () => {
  find('a', 'b')
  clock.advance(0)
  find('c')
  clock.advance(9)
  find('d')
  expect(sent).toEqual(['1: a b'])
  clock.advance(1)
  expect(sent).toEqual(['1: a b', '1: c d'])
})

test('[S22] a connection that is connected sends no candidate again', () => {
  find('a')
  clock.advance(10)
  sender.connected()
  find('b')
  clock.advance(60_000)
  expect(sent).toEqual(['1: a', '1: b'])
})

test('[S19, S22] a restart sends only its own candidates again', () => {
  find('a')
  clock.advance(10)
  sender.begin('a connection', 2)
  find('b')
  clock.advance(510)
  expect(sent).toEqual(['1: a', '2: b', '2: b'])
  sender.close()
  clock.advance(60_000)
  expect(sent).toHaveLength(3)
})

test('[S116] a candidate that the other side does not take is not sent', () => {
  sender.add({
    ...{ sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' },
    candidate: 'candidate:1 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active',
  } as RTCIceCandidate)
  clock.advance(60_000)
  expect(sent).toEqual([])
})

function find(...candidates: readonly string[]): void {
  for (const name of candidates) {
    const description = {
      candidate: `candidate:${name} 1 udp 2122260223 10.0.0.1 5000 typ host`,
      ...{ sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' },
    }
    sender.add({ ...description, toJSON: () => description } as RTCIceCandidate)
  }
}
