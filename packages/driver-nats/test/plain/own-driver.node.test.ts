/** The seed's quick start over a real nats-server with our driver, in clear. */
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
  '[S36, S38, S80, S84, S86] a call from %s to %s in clear, and with a secret, which the bus does not read',
  async (from, to) => {
    const carried = await ground.call(from, to)
    expect(carried).toContain('conclave._cmVjZWl2ZXI._ZGVtby1yb29t')
    expect(carried).toContain('a=fingerprint:sha-256')
    const sealed = await ground.call(from, to, { secret })
    expect(sealed.length).toBeGreaterThan(1_000)
    for (const text of ['fingerprint', 'candidate', 'invoke', 'demo', 'cmVjZWl2ZXI', secret]) {
      expect(sealed).not.toContain(text)
    }
  },
  120_000,
)
