import { VirtualClock } from '@conclave/base/testing'
import { MemoryRevocations } from '@conclave/server'
import type { Revocation } from '@conclave/server'
import { expect, test } from 'vitest'
import { endsGrant } from '../../src/access/revocations.ts'
import { CHANNEL, createGrant } from './support.ts'

const OTHER = 'private-other'
const DAY_MS = 86_400_000
const ALICE = { app: 'shop', user: 'alice' } as const

const create = (
  maxEntries = 8,
): { revocations: MemoryRevocations; clock: VirtualClock; told: Revocation[] } => {
  const clock = new VirtualClock()
  const revocations = new MemoryRevocations({ clock, maxEntries })
  const told: Revocation[] = []
  revocations.watch((revocation) => told.push(revocation))
  return { revocations, clock, told }
}

test('[G52] a revoked user has new grants only', () => {
  const { revocations, clock, told } = create()
  revocations.revoke({ type: 'user', ...ALICE })
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBe('revoked')
  expect(revocations.isRevoked(createGrant({ user: 'bob' }), CHANNEL)).toBeUndefined()
  expect(revocations.isRevoked(createGrant({ app: 'other' }), CHANNEL)).toBeUndefined()
  expect(revocations.isRevoked(createGrant({ issuedMs: 1_000_001 }), CHANNEL)).toBeUndefined()
  expect(told).toEqual([{ type: 'user', ...ALICE }])
  clock.advance(DAY_MS - 1)
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBe('revoked')
})

test('[G52] a banned user has no grants until the time', () => {
  const { revocations, clock } = create()
  revocations.revoke({ type: 'ban', ...ALICE, untilMs: 1_010_000 })
  const later = createGrant({ issuedMs: 1_005_000 })
  expect(revocations.isRevoked(later, CHANNEL)).toBe('banned')
  clock.advance(10_000)
  expect(revocations.isRevoked(later, CHANNEL)).toBeUndefined()
})

test('[G52] a ban is lifted by one that is over, which ends nothing', () => {
  const { revocations, told } = create()
  revocations.revoke({ type: 'ban', ...ALICE, untilMs: 1_010_000 })
  revocations.revoke({ type: 'ban', ...ALICE, untilMs: 0 })
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBeUndefined()
  expect(told.length).toBe(1)
})

test('[G52] a revoked token grants nothing until it has run out', () => {
  const { revocations, clock } = create()
  revocations.revoke({ type: 'token', app: 'shop', tokenId: 'one', untilMs: 1_060_000 })
  expect(revocations.isRevoked(createGrant({ tokenId: 'one' }), CHANNEL)).toBe('revoked')
  expect(revocations.isRevoked(createGrant({ tokenId: 'two' }), CHANNEL)).toBeUndefined()
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBeUndefined()
  clock.advance(60_000)
  expect(revocations.isRevoked(createGrant({ tokenId: 'one' }), CHANNEL)).toBeUndefined()
})

test('[G52] a user may be revoked or banned in one channel', () => {
  const { revocations } = create()
  revocations.revoke({ type: 'user', ...ALICE, channel: CHANNEL })
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBe('revoked')
  expect(revocations.isRevoked(createGrant(), OTHER)).toBeUndefined()
  revocations.revoke({ type: 'ban', ...ALICE, channel: OTHER, untilMs: 1_010_000 })
  expect(revocations.isRevoked(createGrant(), OTHER)).toBe('banned')
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBe('revoked')
})

test('[G52] a kick is told, and not kept', () => {
  const { revocations, told } = create()
  revocations.revoke({ type: 'kick', ...ALICE })
  expect(told.length).toBe(1)
  expect([revocations.size, revocations.isRevoked(createGrant(), CHANNEL)]).toEqual([0, undefined])
})

test('[G52] a full store refuses, and forgets none that holds', () => {
  const { revocations, clock, told } = create(2)
  const ban = (user: string, untilMs: number): void =>
    revocations.revoke({ type: 'ban', app: 'shop', user, untilMs })
  ban('alice', 1_010_000)
  ban('bob', 1_020_000)
  expect(() => ban('carol', 1_020_000)).toThrow(
    expect.objectContaining({ code: 'ERR_SERVER_REVOCATIONS_FULL', details: { maxEntries: 2 } }),
  )
  expect(told.length).toBe(2)
  ban('bob', 1_030_000)
  expect(revocations.isRevoked(createGrant(), CHANNEL)).toBe('banned')
  clock.advance(10_000)
  ban('carol', 1_020_000)
  expect([revocations.size, told.length]).toEqual([2, 4])
})

test('[G52] those who watch are told at once, until they stop', () => {
  const { revocations } = create()
  const told: string[] = []
  const stop = revocations.watch(({ type }) => told.push(type))
  revocations.revoke({ type: 'kick', ...ALICE })
  stop()
  revocations.revoke({ type: 'kick', ...ALICE })
  expect(told).toEqual(['kick'])
})

test('[G52] a revocation ends the grants that it names', () => {
  const at = { grant: createGrant({ tokenId: 'one' }), channel: CHANNEL }
  const ends = (revocation: Revocation): boolean => endsGrant(revocation, at)
  expect(ends({ type: 'kick', ...ALICE })).toBe(true)
  expect(ends({ type: 'kick', ...ALICE, channel: CHANNEL })).toBe(true)
  expect(ends({ type: 'kick', ...ALICE, channel: OTHER })).toBe(false)
  expect(ends({ type: 'kick', ...ALICE, app: 'other' })).toBe(false)
  expect(ends({ type: 'user', ...ALICE, user: 'bob' })).toBe(false)
  expect(ends({ type: 'token', app: 'shop', tokenId: 'one', untilMs: 0 })).toBe(true)
  expect(ends({ type: 'token', app: 'shop', tokenId: 'two', untilMs: 0 })).toBe(false)
})
