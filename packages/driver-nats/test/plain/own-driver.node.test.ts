/** The seed's quick start over a real nats-server with our driver. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CallGround } from './call.ts'

const secret = 'pioneer velvet orbit magnet lunar satisfy'
const ground = new CallGround()
beforeAll(() => ground.open(), 120_000)
afterAll(() => ground.close())

test.each([
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
] as const)(
  '[S36, S38, S75, S80, S84, S86] a call from %s to %s in clear, with a secret, and encrypted: the bus reads the first only',
  async (from, to) => {
    const inClear = await ground.call(from, to)
    expect(inClear).toContain('conclave._cmVjZWl2ZXI._ZGVtby1yb29t')
    expect(inClear).toContain('a=fingerprint:sha-256')
    const sealed = await ground.call(from, to, { secret })
    const call = await ground.call(from, to, { passphrase: secret })
    for (const carried of [sealed, call]) {
      expect(carried.length).toBeGreaterThan(1_000)
      for (const text of ['fingerprint', 'candidate', 'invoke', 'demo', 'cmVjZWl2ZXI', secret]) {
        expect(carried).not.toContain(text)
      }
    }
  },
  120_000,
)
