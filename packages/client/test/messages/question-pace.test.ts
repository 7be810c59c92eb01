import { expect, test } from 'vitest'
import { QuestionPace, RoundTrip } from '../../src/messages/question-pace.ts'

const pausesOf = (pace: QuestionPace, random = 0): readonly number[] =>
  Array.from({ length: 10 }, (_, index) => pace.pauseMs(index + 1, random))

test('[R108] the pauses of questions that nobody answers grow up to 8 s', () => {
  const pace = new QuestionPace(new RoundTrip())
  expect(pausesOf(pace)).toEqual([250, 500, 1000, 1000, 1000, 1000, 2000, 4000, 8000, 8000])
})

test('[R108] only pauses of more than a second are shorter at random, by up to a quarter', () => {
  const pace = new QuestionPace(new RoundTrip())
  expect(pausesOf(pace, 0.999)).toEqual([250, 500, 1000, 1000, 1000, 1000, 1501, 3001, 6002, 6002])
})

test('[R108] no pause is shorter than twice the shorter one of the last two round trips', () => {
  const pace = new QuestionPace(new RoundTrip())
  pace.asked(3, 0)
  pace.answered(3, 1500)
  expect(pausesOf(pace).slice(0, 3)).toEqual([3000, 3000, 3000])
  pace.asked(4, 10_000)
  pace.answered(4, 10_400)
  expect(pausesOf(pace).slice(0, 3)).toEqual([800, 800, 1000])
  pace.asked(5, 20_000)
  pace.answered(5, 29_000)
  expect(pausesOf(pace).slice(0, 3)).toEqual([800, 800, 1000])
  pace.asked(6, 30_000)
  pace.answered(6, 39_000)
  expect(pausesOf(pace).slice(0, 3)).toEqual([8000, 8000, 8000])
})

test('[R108] an answer says how long it took since the newest question that it knows', () => {
  const pace = new QuestionPace(new RoundTrip())
  pace.asked(1, 0)
  pace.asked(2, 1000)
  pace.asked(3, 2000)
  pace.answered(2, 2500)
  expect(pace.roundTripMs).toBe(1500)
  pace.answered(2, 9000)
  expect(pace.roundTripMs).toBe(1500)
})

test('[R108] before its first answer a session counts as the others', () => {
  const session = new RoundTrip()
  const alice = new QuestionPace(session)
  const bob = new QuestionPace(session)
  alice.asked(1, 0)
  alice.answered(1, 2000)
  expect(bob.roundTripMs).toBe(2000)
  bob.asked(1, 0)
  bob.answered(1, 100)
  expect([alice.roundTripMs, bob.roundTripMs]).toEqual([2000, 100])
})

test('[R108] without any answer one takes at least as long as it is waited for', () => {
  const pace = new QuestionPace(new RoundTrip())
  expect(pace.leastRoundTripMs(5000)).toBe(0)
  pace.waits(1000)
  pace.waits(2000)
  expect(pace.leastRoundTripMs(3500)).toBe(2500)
  pace.rests()
  expect(pace.leastRoundTripMs(9000)).toBe(0)
})

test('[R108] an introduction after more than 4 s counts as an answer, and no other one', () => {
  const pace = new QuestionPace(new RoundTrip())
  pace.waits(0)
  pace.introduced(4000)
  expect(pace.roundTripMs).toBe(0)
  pace.introduced(6000)
  expect(pace.roundTripMs).toBe(4000)
})
