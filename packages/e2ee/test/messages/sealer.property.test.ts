import { createSealer, SharedKeySource } from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flipBit, openSession, outcome, ROOM, rootOf, sealText, utf8 } from '../fixtures.ts'

test('[P7] any bytes from any sender are dropped, and nothing throws', async () => {
  const [alice, bob] = [openSession(), openSession()]
  const genuine = await sealText(alice, 'genuine', bob.id)
  const nearly = fc
    .tuple(
      fc.constantFrom(1, 1, 1, 0, 2),
      fc.nat(255),
      fc.nat(2),
      fc.constantFrom(0, 0, 0, 1),
      fc.uint8Array({ maxLength: 120 }),
    )
    .map(([version, kind, audience, reserved, rest]) =>
      Uint8Array.of(version, kind, audience, reserved, ...rest),
    )
  const changed = fc
    .array(fc.tuple(fc.nat(genuine.length - 1), fc.nat(7)), { minLength: 1, maxLength: 4 })
    .map((flips) => flips.reduce((bytes, [index, bit]) => flipBit(bytes, index, bit), genuine))
    .filter((bytes) => bytes.some((byte, index) => byte !== genuine[index]))
  const cut = fc.nat(genuine.length - 1).map((length) => genuine.slice(0, length))
  const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), nearly, changed, cut)
  await fc.assert(
    fc.asyncProperty(anyBytes, async (bytes) => {
      expect((await bob.sealer.open(alice.id, bytes)).type).toBe('dropped')
    }),
    { numRuns: 1000 },
  )
  expect(outcome(await bob.sealer.open(alice.id, genuine))).toBe('opened: genuine')
})

test('[P9] however messages are repeated, reordered and opened at the same time, each opens once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 8 }),
      async (count, picks, batchSize) => {
        const [alice, bob] = [openSession(), openSession()]
        const messages = await Promise.all(
          Array.from({ length: count }, (_, index) => sealText(alice, `${index}`)),
        )
        const order = [...picks.take(count * 3)].map((pick) => pick % count)
        order.push(...messages.keys())
        const opened: string[] = []
        while (order.length > 0) {
          const batch = order.splice(0, batchSize)
          const answers = await Promise.all(
            batch.map((index) => bob.sealer.open(alice.id, messages[index] ?? new Uint8Array())),
          )
          opened.push(...answers.map(outcome).filter((answer) => answer !== 'replay'))
        }
        expect(opened.toSorted()).toEqual(
          [...messages.keys()].map((index) => `opened: ${index}`).toSorted(),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('[P2] through any mix of calls, rotations and forgetting no nonce repeats under a key', async () => {
  const steps = fc.array(fc.constantFrom('room', 'bob', 'carol', 'rotate', 'forget'), {
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const [alice, bob, carol] = [openSession(), openSession(), openSession()]
      const keys = new SharedKeySource(rootOf(1))
      const sealer = createSealer({ keys, room: ROOM, unsafeSelf: alice.id })
      const used = new Set<string>()
      const pending = plan.map(async (step) => {
        if (step === 'rotate') return keys.setKey(rootOf(1), keys.epoch + 1n)
        if (step === 'forget') return sealer.forget(bob.id)
        const to = step === 'bob' ? bob.id : step === 'carol' ? carol.id : undefined
        const sealing = sealer.seal({ kind: 3, to }, utf8('x'))
        const sealed = await sealing.catch(() => undefined)
        if (sealed === undefined) return
        const use = `${step} ${sealed.sequence}`
        expect(used.has(use)).toBe(false)
        used.add(use)
      })
      await Promise.all(pending)
    }),
    { numRuns: 60 },
  )
})
