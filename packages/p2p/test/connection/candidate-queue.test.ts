import { expect, test } from 'vitest'
import {
  CandidateQueue,
  MAX_CANDIDATES_OF_ICE,
  MAX_WAITING_CANDIDATES,
} from '../../src/connection/candidate-queue.ts'

const candidate = (text: string) => ({
  candidate: text,
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: null,
})

test('[S19] a candidate waits for its description and then comes in order', () => {
  const queue = new CandidateQueue()
  expect(queue.admit(1, candidate('a'))).toBe('done')
  expect(queue.admit(1, candidate('b'))).toBe('done')
  expect(queue.described(1)).toEqual([candidate('a'), candidate('b')])
  expect(queue.size).toBe(0)
  expect(queue.admit(1, candidate('c'))).toBe('apply')
})

test('[S19] a description without a restart leaves its candidates as they are', () => {
  const queue = new CandidateQueue()
  queue.described(1)
  expect(queue.described(1)).toEqual([])
  expect(queue.admit(1, candidate('late'))).toBe('apply')
})

test('[S19] a restart makes older candidates stale, waiting ones too', () => {
  const queue = new CandidateQueue()
  queue.admit(1, candidate('old'))
  queue.admit(3, candidate('new'))
  expect(queue.described(3)).toEqual([candidate('new')])
  expect(queue.admit(1, candidate('older'))).toBe('stale')
  expect(queue.size).toBe(0)
})

test('[S19] candidates of a later restart go on waiting', () => {
  const queue = new CandidateQueue()
  queue.admit(1, candidate('now'))
  queue.admit(4, candidate('later'))
  expect(queue.described(1)).toEqual([candidate('now')])
  expect(queue.size).toBe(1)
  expect(queue.described(4)).toEqual([candidate('later')])
})

test('[S19] no more than 256 wait', () => {
  const queue = new CandidateQueue()
  for (let index = 0; index < MAX_WAITING_CANDIDATES; index += 1) {
    expect(queue.admit(1, candidate(String(index)))).toBe('done')
  }
  expect(queue.admit(1, candidate('one more'))).toBe('overflow')
  expect(queue.size).toBe(MAX_WAITING_CANDIDATES)
  expect(queue.described(1)).toHaveLength(MAX_CANDIDATES_OF_ICE)
})

test('[S115] no more than 64 places for one set of credentials are applied, and each once', () => {
  const queue = new CandidateQueue()
  const at = (port: number) => candidate(`candidate:1 1 udp 1 10.0.0.1 ${port} typ host`)
  queue.admit(1, at(1024))
  queue.admit(1, at(1024))
  expect(queue.described(1)).toEqual([at(1024)])
  expect(queue.take(at(1025).candidate)).toBe('apply')
  expect(queue.admit(1, at(1025))).toBe('done')
  for (let port = 1026; port < 1024 + MAX_CANDIDATES_OF_ICE; port += 1) {
    expect(queue.admit(1, at(port))).toBe('apply')
  }
  expect(MAX_CANDIDATES_OF_ICE).toBe(64)
  expect(queue.admit(1, at(9999))).toBe('overflow')
  // A restart begins again.
  queue.begin(2)
  expect(queue.admit(2, at(9999))).toBe('apply')
})
