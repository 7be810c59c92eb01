import {
  SEALED_OVERHEAD_BYTES,
  deriveLinkKeys,
  generateLinkSecret,
  randomMessageId,
} from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { expect, test } from 'vitest'
import { BOUNDS } from '../../src/bounds.ts'
import { HubTransport } from '../../src/hub/hub-transport.ts'

const cases = [
  ['messages', 100],
  ['bytes', 60_000],
] as const

test.each(cases)(
  '[R5] a transport whose %s are used up says so before and after a message is sealed',
  async (_bound, size) => {
    const { room, access } = await deriveLinkKeys(generateLinkSecret())
    const url = 'ws://127.0.0.1:1/hub'
    const session = await createSessionKeys()
    const transport = new HubTransport({ url, room, session, access })
    const payload = new Uint8Array(size)
    const publish = (): boolean => transport.publish({ id: randomMessageId(), payload })
    const most = Math.min(BOUNDS.outbox.messages, Math.floor(BOUNDS.outbox.bytes / size))
    for (let n = 0; n < most; n += 1) {
      expect(transport.canPublish(size - SEALED_OVERHEAD_BYTES)).toBe(true)
      expect(publish()).toBe(true)
    }
    expect(transport.canPublish(size - SEALED_OVERHEAD_BYTES)).toBe(false)
    expect(publish()).toBe(false)
    transport.close()
  },
)
