import { expect, test } from 'vitest'
import { CandidateQueue, MAX_WAITING_CANDIDATES } from '../../src/connection/candidate-queue.ts'

const candidate = (text: string) => ({
  candidate: text,
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: null,
})

test('[S19] a candidate waits for its description and then comes in order', () => {
  const queue = new CandidateQueue()
  expect(queue.admit(1, candidate('a'))).toBe('queued')
  expect(queue.admit(1, candidate('b'))).toBe('queued')
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
    expect(queue.admit(1, candidate(String(index)))).toBe('queued')
  }
  expect(queue.admit(1, candidate('one more'))).toBe('overflow')
  expect(queue.size).toBe(MAX_WAITING_CANDIDATES)
  expect(queue.described(1)).toHaveLength(MAX_WAITING_CANDIDATES)
})
