import { VirtualClock } from '@conclave/base/testing'
import { describe, expect, test } from 'vitest'
import { AccessGate } from '../../src/access/access-gate.ts'
import { AuthorizerChain } from '../../src/access/chain.ts'
import type { Verdict } from '../../src/access/chain.ts'
import { createGrant, createRequest, FixedAuthorizer } from './support.ts'

const DENIED = { type: 'denied' }
const PASS = { type: 'pass' }
const DAY_MS = 86_400_000

/** The decision of a chain of authorizers with these answers. */
const decide = (...answers: readonly unknown[]): Promise<Verdict> =>
  createChain(...answers).chain.decide(createRequest(), { signal: new AbortController().signal })

function createChain(...answers: readonly unknown[]): {
  chain: AuthorizerChain
  clock: VirtualClock
  authorizers: readonly FixedAuthorizer[]
  failures: () => number
} {
  const clock = new VirtualClock()
  const authorizers = answers.map((answer) => new FixedAuthorizer(answer))
  let failures = 0
  const onFailure = (): void => void (failures += 1)
  const chain = new AuthorizerChain({ authorizers, clock, onFailure })
  return { chain, clock, authorizers, failures: () => failures }
}

describe('the answer that counts', () => {
  const granted = { type: 'granted', grant: createGrant() }

  test('[G40] the first answer that is not "pass" counts, and nobody after it is asked', async () => {
    for (const answer of [granted, DENIED, { type: 'unavailable', retryAfterMs: 7 }]) {
      const { chain, authorizers } = createChain(PASS, answer, granted)
      const { signal } = new AbortController()
      expect(await chain.decide(createRequest(), { signal })).toEqual(answer)
      expect(authorizers.map(({ asked }) => asked)).toEqual([1, 1, 0])
    }
  })

  test('[G40] nobody who decides means no', async () => {
    expect(await decide()).toEqual(DENIED)
    expect(await decide(PASS, PASS)).toEqual(DENIED)
  })

  test.each([
    ['nothing', undefined],
    ['true', true],
    ['a list', []],
    ['another type', { type: 'allowed', grant: createGrant() }],
    ['no grant', { type: 'granted' }],
    ['an app that is none', { type: 'granted', grant: createGrant({ app: 'a b' }) }],
    ['no user', { type: 'granted', grant: createGrant({ user: '' }) }],
    ['a user with a space', { type: 'granted', grant: createGrant({ user: 'alice smith' }) }],
    ['a long device', { type: 'granted', grant: createGrant({ device: 'a'.repeat(65) }) }],
    ['a time that is over', { type: 'granted', grant: createGrant({ untilMs: 1_000_000 }) }],
    ['no number for a time', { type: 'granted', grant: createGrant({ untilMs: Number.NaN }) }],
    ['no time of issue', { type: 'granted', grant: { ...createGrant(), issuedMs: undefined } }],
    ['a token without a name', { type: 'granted', grant: createGrant({ tokenId: '' }) }],
    ['text for rights', { type: 'granted', grant: { ...createGrant(), rights: 'subscribe' } }],
    ['an unknown right', { type: 'granted', grant: { ...createGrant(), rights: ['admin'] } }],
    ['none of the rights', { type: 'granted', grant: createGrant({ rights: new Set(['call']) }) }],
    ['no right', { type: 'granted', grant: createGrant({ rights: new Set() }) }],
  ])('[G41] an answer with %s is a denial', async (_what, answer) => {
    expect(await decide(answer, granted)).toEqual(DENIED)
  })

  test('[G41] a grant has at most the rights that were wanted, and at most a day', async () => {
    const rights = new Set(['subscribe', 'call', 'presence'] as const)
    const grant = createGrant({ rights, untilMs: Infinity, issuedMs: 2_000_000 })
    expect(await decide({ type: 'granted', grant })).toEqual({
      type: 'granted',
      grant: createGrant({
        ...{ rights: new Set(['subscribe']), untilMs: 1_000_000 + DAY_MS, issuedMs: 1_000_000 },
      }),
    })
  })

  test('[G41] an exception and a rejection are no decision', async () => {
    const fail = (): never => {
      throw new Error('secret')
    }
    for (const answer of [fail, () => Promise.reject(new Error('secret'))]) {
      const { chain, failures } = createChain(answer, granted)
      const { signal } = new AbortController()
      const verdict = await chain.decide(createRequest(), { signal })
      expect(verdict).toEqual({ type: 'unavailable', retryAfterMs: 1000 })
      expect(failures()).toBe(1)
    }
  })

  test('[G41] an answer that does not come within 5 s is no decision, and is told so by its signal', async () => {
    let signal: AbortSignal | undefined
    const clock = new VirtualClock()
    const slow = {
      decide: (_request: unknown, options: { readonly signal: AbortSignal }): Promise<never> => {
        signal = options.signal
        return new Promise(() => {})
      },
    }
    const chain = new AuthorizerChain({ authorizers: [slow], clock })
    const verdict = chain.decide(createRequest(), { signal: new AbortController().signal })
    clock.advance(4999)
    expect(signal?.aborted).toBe(false)
    clock.advance(1)
    expect(await verdict).toEqual({ type: 'unavailable', retryAfterMs: 1000 })
    expect(signal?.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test('[G41] a time to come again has bounds', async () => {
    const times = [-1, Infinity, '5', 0.5]
    const verdicts = times.map((retryAfterMs) => decide({ type: 'unavailable', retryAfterMs }))
    const waits = (await Promise.all(verdicts)).map((verdict) => Object.values(verdict)[1])
    expect(waits).toEqual([1000, 60_000, 1000, 1])
  })
})

describe('how much is asked', () => {
  /** Answers each request when the test says so. */
  const createSlow = (): {
    answers: (() => void)[]
    chain: AuthorizerChain
    clock: VirtualClock
  } => {
    const answers: (() => void)[] = []
    const wait = (): Promise<unknown> =>
      new Promise((resolve) => answers.push(() => resolve({ type: 'denied' })))
    return { answers, ...createChain(wait) }
  }

  test('[G42] a connection has eight requests at once', async () => {
    const { answers, chain, clock } = createSlow()
    const gate = new AccessGate({ chain, clock })
    const first = Array.from({ length: 8 }, () => gate.decide(createRequest()))
    expect(await gate.decide(createRequest())).toMatchObject({ type: 'unavailable' })
    expect(answers.length).toBe(8)
    answers[0]?.()
    expect(await first[0]).toEqual(DENIED)
    void gate.decide(createRequest())
    expect(answers.length).toBe(9)
  })

  test('[G42] a connection has five requests a second after 64', async () => {
    const { chain, clock, authorizers } = createChain(DENIED)
    const gate = new AccessGate({ chain, clock })
    for (let at = 0; at < 64; at += 1) await gate.decide(createRequest())
    expect(await gate.decide(createRequest())).toEqual({ type: 'unavailable', retryAfterMs: 200 })
    expect(authorizers[0]?.asked).toBe(64)
    clock.advance(200)
    expect(await gate.decide(createRequest())).toEqual(DENIED)
  })

  test('[G42] a hub has 1,024 requests at once', async () => {
    const { answers, chain, clock } = createSlow()
    const gates = Array.from({ length: 128 }, () => new AccessGate({ chain, clock }))
    const first = gates.flatMap((gate) =>
      Array.from({ length: 8 }, () => gate.decide(createRequest())),
    )
    const other = new AccessGate({ chain, clock })
    expect(await other.decide(createRequest())).toMatchObject({ type: 'unavailable' })
    expect(answers.length).toBe(1024)
    for (const answer of answers) answer()
    await Promise.all(first)
    void other.decide(createRequest())
    expect(answers.length).toBe(1025)
  })

  test('[G42] the end of a connection ends its requests', async () => {
    let signal: AbortSignal | undefined
    const clock = new VirtualClock()
    const slow = {
      decide: (_request: unknown, options: { readonly signal: AbortSignal }): Promise<never> => {
        signal = options.signal
        return new Promise(() => {})
      },
    }
    const gate = new AccessGate({
      chain: new AuthorizerChain({ authorizers: [slow], clock }),
      clock,
    })
    void gate.decide(createRequest())
    gate.stop()
    expect(signal?.aborted).toBe(true)
    expect(await gate.decide(createRequest())).toMatchObject({ type: 'unavailable' })
  })
})
