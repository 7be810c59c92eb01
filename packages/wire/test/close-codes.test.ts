import { CLOSE_CODES } from '@conclave/wire'
import { expect, test } from 'vitest'

test('[W14] close codes are distinct and in the range for applications', () => {
  const codes = Object.values(CLOSE_CODES)
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length)
  expect(
    codes.every(({ code, reason }) => code >= 4000 && code < 5000 && /^[a-z-]{1,30}$/.test(reason)),
  ).toBe(true)
})

test('[W14] a client waits before it comes back to a hub that is or may be overloaded', () => {
  const waiting = Object.values(CLOSE_CODES).filter(({ waits }) => waits)
  expect(waiting.map(({ reason }) => reason)).toEqual(['late', 'rate', 'draining'])
})

test('[W14] a client comes back after the codes that a later attempt can cure', () => {
  const retryByCode = Object.values(CLOSE_CODES).map(({ code, retry }) => [code, retry])
  expect(Object.fromEntries(retryByCode)).toEqual({
    4400: false,
    4401: false,
    4403: false,
    4407: false,
    4408: true,
    4409: false,
    4410: true,
    4429: true,
    4503: true,
  })
})
