import { createHub, createMemoryEngine } from '@conclave/server'
import { expect, test } from 'vitest'
import { ORIGIN } from '../support.ts'

test('[H6] limits that make no sense are programming errors', () => {
  const create =
    (limits: object): (() => unknown) =>
    () =>
      createHub({ engine: createMemoryEngine(), origins: [ORIGIN], limits })
  for (const limits of [
    { publishBurst: 0 },
    { publishBurst: -1 },
    { publishBurst: 1.5 },
    { publishBurst: Number.NaN },
    { maxPayloadBytes: 65_537 },
    { maxParticipants: 514 },
    { bytesBurst: 1000 },
  ]) {
    expect(create(limits)).toThrow(RangeError)
  }
  expect(create({ publishBurst: 1 })).not.toThrow()
})
