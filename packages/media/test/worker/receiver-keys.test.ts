import { expect, test } from 'vitest'
import {
  MAX_KEYS_PER_PARTICIPANT,
  ReceiverKey,
  ReceiverKeys,
} from '../../src/worker/receiver-keys.ts'
import { KeyRequests } from '../../src/worker/key-requests.ts'
import type { FrameCipher } from '../../src/sframe/cipher.ts'
import { SUITES } from '../../src/sframe/suite.ts'

const cipher: FrameCipher = {
  suite: SUITES[4],
  encrypt: () => Promise.reject(new Error('not used')),
  decrypt: () => Promise.reject(new Error('not used')),
}

const newKey = (epoch = 0n): ReceiverKey => new ReceiverKey(epoch, cipher)

test('[M12] windows are apart for labels, and stay with the key', () => {
  const key = newKey()
  expect(key.accept('camera', 5)).toBe(true)
  expect(key.isFresh('camera', 5)).toBe(false)
  expect(key.isFresh('screen', 5)).toBe(true)
  const keys = new ReceiverKeys()
  keys.install(1n, key)
  keys.install(1n, newKey())
  expect(keys.find(1n)).toBe(key)
})

test('[M12] a lookup allocates nothing: only a frame proves a key', () => {
  const key = newKey()
  expect(key.isFresh('camera', 5)).toBe(true)
  expect(key.isProven).toBe(false)
  key.accept('camera', 5)
  expect(key.isProven).toBe(true)
})

test('[M13] at most eight keys are kept, and unproven ones go first', () => {
  const keys = new ReceiverKeys()
  const proven = newKey()
  proven.accept('camera', 0)
  keys.install(1n, proven)
  for (let kid = 2n; kid < 100n; kid += 1n) keys.install(kid, newKey())
  expect(keys.find(1n)).toBe(proven)
  let count = 0
  for (let kid = 0n; kid < 100n; kid += 1n) if (keys.find(kid)) count += 1
  expect(count).toBe(MAX_KEYS_PER_PARTICIPANT)
  expect(keys.find(99n)).toBeDefined()
})

test('[M13] a KID whose proven key was evicted is not installed again', () => {
  const keys = new ReceiverKeys()
  for (let kid = 0n; kid < 9n; kid += 1n) {
    const key = newKey()
    key.accept('camera', 0)
    keys.install(kid, key)
  }
  expect(keys.find(0n)).toBeUndefined()
  expect(keys.mayInstall(0n)).toBe(false)
  keys.install(0n, newKey())
  expect(keys.find(0n)).toBeUndefined()
  expect(keys.mayInstall(100n)).toBe(true)
})

const provenKey = (epoch: bigint): ReceiverKey => {
  const key = newKey(epoch)
  key.accept('camera', 0)
  return key
}

test('[M13] somebody with an earlier key, during its grace, pushes out no later one, proven or not', () => {
  const keys = new ReceiverKeys()
  keys.install(1n, provenKey(5n))
  for (let kid = 100n; kid < 200n; kid += 1n) keys.install(kid, provenKey(4n))
  expect(keys.find(1n)).toBeDefined()
  for (let kid = 2n; kid <= 8n; kid += 1n) {
    expect(keys.install(kid, provenKey(5n))).toBe(true)
  }
  expect(keys.install(300n, newKey(4n))).toBe(false)
  for (let kid = 1n; kid <= 8n; kid += 1n) expect(keys.find(kid)).toBeDefined()
})

test('[M13] one who holds the present key silences the sender until its next epoch at most', () => {
  const keys = new ReceiverKeys()
  keys.install(1n, provenKey(5n))
  for (let kid = 100n; kid < 108n; kid += 1n) keys.install(kid, provenKey(5n))
  expect(keys.find(1n)).toBeUndefined()
  const next = newKey(6n)
  expect(keys.install(2n, next)).toBe(true)
  next.accept('camera', 0)
  for (let kid = 200n; kid < 300n; kid += 1n) keys.install(kid, provenKey(5n))
  expect(keys.find(2n)).toBe(next)
})

test('[M15] the keys of retired epochs go, the others stay', () => {
  const keys = new ReceiverKeys()
  for (const epoch of [3n, 4n, 5n]) keys.install(epoch, newKey(epoch))
  keys.retire({ first: 0n, last: 4n })
  expect([3n, 4n, 5n].map((kid) => keys.find(kid) !== undefined)).toEqual([false, false, true])
})

test('[M13] a KID is asked for once', () => {
  const requests = new KeyRequests()
  expect(requests.request(1n, 0)).toBe('ask')
  expect(requests.request(1n, 5)).toBe('pending')
  requests.fulfil(1n)
  expect(requests.request(1n, 10)).toBe('ask')
})

test('[M13] at most eight are asked for at once', () => {
  const requests = new KeyRequests()
  for (let kid = 0n; kid < 8n; kid += 1n) expect(requests.request(kid, 0)).toBe('ask')
  expect(requests.request(8n, 60_000)).toBe('refused')
  requests.fulfil(0n)
  expect(requests.request(8n, 60_000)).toBe('ask')
})

test('[M13] after eight, four a second', () => {
  const requests = new KeyRequests()
  const askedWithin = (ms: number, from: number): number => {
    let asked = 0
    for (let i = 0; i < ms; i += 10) {
      const kid = BigInt(from + i)
      if (requests.request(kid, from + i) !== 'ask') continue
      asked += 1
      requests.fulfil(kid)
    }
    return asked
  }
  expect(askedWithin(1000, 0)).toBe(11)
  expect(askedWithin(1000, 1000)).toBe(4)
})

test('[M13] a key that is not available is asked for again after a second, or in a new epoch', () => {
  const requests = new KeyRequests()
  requests.request(1n, 0)
  requests.reject(1n, 100)
  expect(requests.request(1n, 1099)).toBe('refused')
  expect(requests.request(1n, 1100)).toBe('ask')
  requests.reject(1n, 1100)
  requests.forgetRejected()
  expect(requests.request(1n, 1101)).toBe('ask')
})

test('[M13] refusals make room for others', () => {
  const requests = new KeyRequests()
  for (let kid = 0n; kid < 8n; kid += 1n) {
    requests.request(kid, 0)
    requests.reject(kid, 0)
  }
  expect(requests.request(8n, 10_000)).toBe('ask')
})
