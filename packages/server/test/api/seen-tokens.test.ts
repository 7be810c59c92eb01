import { expect, test } from 'vitest'
import { SeenTokens } from '../../src/api/seen-tokens.ts'

const take = (seen: SeenTokens, app: string, id: string, nowMs = 0): string =>
  seen.take({ app, id, nowMs })

test('[G73] a token is taken once, until it would be refused for its age', () => {
  const seen = new SeenTokens({ maxTokens: 8, lifeMs: 1000 })
  expect(take(seen, 'team', 'a')).toBe('taken')
  expect(take(seen, 'team', 'a', 999)).toBe('seen')
  expect(take(seen, 'other', 'a', 999)).toBe('taken')
  expect(take(seen, 'team', 'a', 1000)).toBe('taken')
})

test('[G73] a store that is full refuses, and forgets none', () => {
  const seen = new SeenTokens({ maxTokens: 4, lifeMs: 1000 })
  for (const [app, id] of ['a1', 'a2', 'b1', 'b2'])
    expect(take(seen, app ?? '', id ?? '')).toBe('taken')
  expect(take(seen, 'c', '1')).toBe('full')
  expect(take(seen, 'a', '1')).toBe('seen')
  expect(seen.size).toBe(4)
  expect(take(seen, 'c', '1', 1000)).toBe('taken')
  expect(seen.size).toBe(1)
})

test('[G73] an app has half of it', () => {
  const seen = new SeenTokens({ maxTokens: 4, lifeMs: 1000 })
  expect(take(seen, 'a', '1')).toBe('taken')
  expect(take(seen, 'a', '2', 500)).toBe('taken')
  expect(take(seen, 'a', '3', 600)).toBe('full')
  expect(take(seen, 'b', '3', 600)).toBe('taken')
  expect(take(seen, 'a', '3', 1000)).toBe('taken')
})
