import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSignalMessage } from '@conclave/p2p'

const types = ['invoke', 'offer', 'answer', 'candidate', 'sync', 'dispose']
const members = [
  'type',
  'id',
  'connection',
  'negotiation',
  'ice',
  'sdp',
  'tracks',
  'keys',
  'metadata',
  'candidates',
  'restart',
  'mid',
  'label',
  'kind',
  'active',
]

test('[S7] no value makes the decoder throw', () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true }),
      (value) => {
        expect(() => decodeSignalMessage(value)).not.toThrow()
      },
    ),
    { numRuns: 500 },
  )
})

test('[S7] the decoder never throws, and accepts its own output', () => {
  const near = fc.dictionary(
    fc.constantFrom(...members),
    fc.oneof(
      fc.constantFrom<unknown>(...types, 'audio', 'video', 0, 1, 2, true, false, ''),
      fc.string(),
      fc.array(fc.dictionary(fc.constantFrom(...members), fc.anything({ maxDepth: 0 })), {
        maxLength: 3,
      }),
      fc.anything({ maxDepth: 1 }),
    ),
  )
  fc.assert(
    fc.property(near, (value) => {
      const decoded = decodeSignalMessage(value)
      expect(decoded && decodeSignalMessage(decoded)).toEqual(decoded)
    }),
    { numRuns: 500 },
  )
})

test('[S7] a value that throws when it is looked at is malformed', () => {
  const trap = new Proxy(
    {},
    {
      get() {
        throw new Error('trap')
      },
    },
  )
  const getter = {
    type: 'invoke',
    get id(): string {
      throw new Error('trap')
    },
  }
  expect(decodeSignalMessage(trap)).toBeUndefined()
  expect(decodeSignalMessage(getter)).toBeUndefined()
  expect(decodeSignalMessage({ ...{ type: 'offer', id: 'a' }, tracks: [trap] })).toBeUndefined()
})

test('[S7] an id is read once: what was checked is what is used', () => {
  let reads = 0
  const turning = {
    type: 'invoke',
    get id(): string {
      reads += 1
      return reads === 1 ? 'alice' : '\0'
    },
  }
  expect(decodeSignalMessage(turning)).toEqual({ type: 'invoke', id: 'alice' })
})
