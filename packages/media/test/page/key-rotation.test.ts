import { VirtualClock } from '@conclave/base/testing'
import { ParticipantKeySource, randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { KeyRotation, rotateParticipantKey, rotateSharedKey } from '../../src/page/key-rotation.ts'
import type { KeyRotationOptions } from '../../src/page/key-rotation.ts'

const scene = (options: Partial<KeyRotationOptions> = {}) => {
  const clock = new VirtualClock(0)
  const steps: string[] = []
  const taken = {
    switchKey: () => void steps.push('switch'),
    retireEarlier: () => void steps.push('retire'),
  }
  const receivers = ['bob', 'carol']
  const rotation = new KeyRotation(taken, { receivers, clock, ...options })
  return { clock, steps, rotation }
}

describe('a rotation', () => {
  test('[M62] prepared, and the receipt of the last receiver: switched', async () => {
    const { steps, rotation } = scene()
    rotation.ready('bob')
    rotation.ready('bob')
    rotation.ready('mallory')
    expect([rotation.state, steps]).toEqual(['prepared', []])
    rotation.ready('carol')
    expect([rotation.state, steps]).toEqual(['switched', ['switch']])
    expect(await rotation.switched).toEqual({ missing: [] })
  })

  test('[M62] prepared, and the last receiver leaves: switched', () => {
    const { rotation } = scene()
    rotation.ready('bob')
    rotation.left('carol')
    expect(rotation.state).toBe('switched')
  })

  test('[M62] prepared for nobody: switched at once', () => {
    expect(scene({ receivers: [] }).rotation.state).toBe('switched')
  })

  test.for([
    [false, 1000],
    [true, 250],
  ] as const)(
    '[M62] prepared, and the wait is over (removal: %s): switched after %s ms',
    async ([isRemoval, waitMs]) => {
      const { clock, rotation } = scene({ isRemoval })
      rotation.ready('bob')
      clock.advance(waitMs - 1)
      expect(rotation.state).toBe('prepared')
      clock.advance(1)
      expect(rotation.state).toBe('switched')
      expect(await rotation.switched).toEqual({ missing: ['carol'] })
    },
  )

  test('[M62] prepared, and cancelled: nothing is used, whatever comes', async () => {
    const { clock, steps, rotation } = scene()
    rotation.cancel()
    for (const receiver of ['bob', 'carol']) rotation.ready(receiver)
    clock.advance(60_000)
    expect([rotation.state, steps]).toEqual(['cancelled', []])
    await expect(rotation.switched).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('[M62] prepared, and the source refuses the switch: cancelled, with its error', async () => {
    const keys = new SharedKeySource(new Uint8Array(32).map((_, i) => i + 1))
    const next = { secret: new Uint8Array(32).map((_, i) => 200 - i), epoch: 1n }
    const rotation = rotateSharedKey(keys, next, { receivers: ['bob'], clock: new VirtualClock(0) })
    keys.close()
    rotation.ready('bob')
    expect(rotation.state).toBe('cancelled')
    await expect(rotation.switched).rejects.toMatchObject({ code: 'ERR_E2EE_CLOSED' })
  })

  test('[M62, M63] switched, and 10 s are over: retired', () => {
    const { clock, steps, rotation } = scene()
    for (const receiver of ['bob', 'carol']) rotation.ready(receiver)
    rotation.ready('bob')
    rotation.cancel()
    clock.advance(9999)
    expect(rotation.state).toBe('switched')
    clock.advance(1)
    expect([rotation.state, steps]).toEqual(['retired', ['switch', 'retire']])
    rotation.ready('bob')
    rotation.cancel()
    clock.advance(60_000)
    expect([rotation.state, steps.length]).toEqual(['retired', 2])
  })
})

describe('the secret of all members', () => {
  const newKeys = () => new SharedKeySource(new Uint8Array(32).map((_, i) => i + 1))
  const next = { secret: new Uint8Array(32).map((_, i) => 200 - i), epoch: 1n }

  test('[M61, M63] opens at once, seals after the receipts, and the one before ends', async () => {
    const [keys, clock] = [newKeys(), new VirtualClock(0)]
    const prepared: unknown[] = []
    keys.on('epochChanged', ({ isPrepared }) => prepared.push(isPrepared))
    const rotation = rotateSharedKey(keys, next, { receivers: ['bob'], clock })
    expect([keys.epoch, keys.epochEndingIn(1)]).toEqual([0n, 1n])
    rotation.ready('bob')
    expect([keys.epoch, prepared]).toEqual([1n, [true]])
    expect(keys.epochEndingIn(0)).toBe(0n)
    clock.advance(10_000)
    expect(keys.epochEndingIn(0)).toBeUndefined()
  })

  test('[M63] video waits for no key frame when somebody left', () => {
    const [keys, clock] = [newKeys(), new VirtualClock(0)]
    const prepared: unknown[] = []
    keys.on('epochChanged', ({ isPrepared }) => prepared.push(isPrepared))
    rotateSharedKey(keys, next, { receivers: ['bob'], isRemoval: true, clock })
    clock.advance(250)
    expect(prepared).toEqual([false])
  })
})

describe('the own key of a participant', () => {
  test('[M61] receivers open with the grant before it is used', () => {
    const clock = new VirtualClock(0)
    const [alice, bob] = [randomParticipantId(), randomParticipantId()]
    const [keys, theirs] = [new ParticipantKeySource(alice), new ParticipantKeySource(bob)]
    const before = keys.epoch
    const { grant, rotation } = rotateParticipantKey(keys, { receivers: [bob], clock })
    expect(keys.epoch).toBe(before)
    expect(theirs.setParticipantKey(alice, grant).type).not.toBe('refused')
    rotation.ready(bob)
    expect(keys.epoch).toBe(grant.epoch)
    clock.advance(10_000)
    expect(keys.epochEndingIn(Number(before & 255n))).toBeUndefined()
  })

  test('[M63] the key before ends with the switch when somebody left, and a grant given before is not used', () => {
    const clock = new VirtualClock(0)
    const keys = new ParticipantKeySource(randomParticipantId())
    const before = keys.epoch
    const known = keys.prepareRotation()
    const { grant } = rotateParticipantKey(keys, { receivers: ['bob'], isRemoval: true, clock })
    expect(grant.epoch).not.toBe(known.epoch)
    clock.advance(250)
    expect(keys.epoch).toBe(grant.epoch)
    expect(keys.epochEndingIn(Number(before & 255n))).toBeUndefined()
  })
})
