import { ReplayGuard } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { Carrier, joinSealed, settled } from '../fixtures.ts'

/** A storage that outlives the page. */
function createStorage() {
  let record: { readonly bytes: Uint8Array<ArrayBuffer>; readonly version: string } | undefined
  let writes = 0
  return {
    read: async () => record && { ...record, bytes: record.bytes.slice() },
    write: async (bytes: Uint8Array, expected: string | undefined) => {
      if (record?.version !== expected) return undefined
      writes += 1
      record = { bytes: new Uint8Array(bytes), version: `${writes}` }
      return record.version
    },
  }
}

/** Bob reads two events and reloads; the carrier brings them back, and a third one that it has held. */
async function reload(makeGuard: () => { readonly replay?: ReplayGuard }) {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const before = joinSealed(carrier, { sender: 'bob', ...makeGuard() })
  for (const value of [1, 2, 3]) await alice.channel.send('message', value)
  const recorded = carrier.messages.splice(0)
  carrier.deliver(...recorded.slice(0, 2))
  await settled(carrier, alice, before)
  expect(before.values).toEqual([1, 2])
  await before.channel.close()
  const after = joinSealed(carrier, { sender: 'bob', ...makeGuard() })
  carrier.deliver(...recorded, ...recorded)
  await settled(carrier, alice, after)
  return { values: after.values, reasons: after.drops.map(({ reason }) => reason) }
}

test('[T9] with a storage nothing that was heard before a reload is heard again, and what was held back is heard once', async () => {
  const storage = createStorage()
  const heard = await reload(() => ({ replay: new ReplayGuard({ storage }) }))
  expect(heard).toEqual({ values: [3], reasons: Array(5).fill('replay') })
})

test('[T9] the guard of the page forgets with it: a carrier delivers all once more', async () => {
  const heard = await reload(() => ({}))
  expect(heard).toEqual({ values: [1, 2, 3], reasons: Array(3).fill('replay') })
})
