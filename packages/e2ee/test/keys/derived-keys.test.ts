import { openEvent, sealEvent, SharedKeySource } from '@conclave/e2ee'
import type { KeyPurpose } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { DerivedKeys } from '../../src/keys/derived-keys.ts'
import type { DerivationRoots, KeyOwner } from '../../src/keys/derived-keys.ts'
import { ExportSpy, failureOf, rootOf } from '../fixtures.ts'

const purpose: KeyPurpose = { label: 'test', id: 'one', context: () => new Uint8Array() }
const ownerOf = (sender: string, epoch = 0n): KeyOwner => ({ keyId: '', epoch, purpose, sender })

/** Roots that the test takes away, and derivations that it counts. */
function rootsOf() {
  const rootByEpoch = new Map<bigint, object>([[0n, {}]])
  const derived: string[] = []
  const confirmed: string[] = []
  const source = new SharedKeySource(rootOf(1))
  const roots: DerivationRoots = {
    rootOf: ({ epoch }) => rootByEpoch.get(epoch),
    export: async (label, _context, length, { sender }) => {
      derived.push(sender)
      return source.export(label, new TextEncoder().encode(sender), length)
    },
    confirm: ({ sender }) => void confirmed.push(sender),
  }
  return { rootByEpoch, derived, confirmed, roots }
}

/** Asks for the key that opens, and says that something authenticated under it, or not. */
async function use(keys: DerivedKeys, owner: KeyOwner, authentic = true): Promise<boolean> {
  const opening = keys.keyOf(owner, { opens: true })
  if (opening === undefined) return false
  await opening.key
  return authentic && opening.confirm()
}

describe('derived keys', () => {
  test('[P12] the key that was kept longest is derived again', async () => {
    const { roots, derived } = rootsOf()
    const keys = new DerivedKeys(roots, { maxKeys: 2 })
    for (const sender of ['a', 'b', 'a', 'c', 'b', 'a']) await use(keys, ownerOf(sender))
    expect(derived).toEqual(['a', 'b', 'c', 'a'])
  })

  test('[P11] a key is not kept before a message authenticated under it', async () => {
    const { roots, derived, confirmed } = rootsOf()
    const keys = new DerivedKeys(roots, { maxKeys: 2 })
    await use(keys, ownerOf('a'))
    for (const stranger of ['x', 'y', 'z', 'x']) await use(keys, ownerOf(stranger), false)
    expect(await use(keys, ownerOf('a'))).toBe(true)
    expect(derived).toEqual(['a', 'x', 'y', 'z', 'x'])
    expect(confirmed).toEqual(['a', 'a'])
  })

  test('[P12] derivations that come together are one', async () => {
    const { roots, derived } = rootsOf()
    const keys = new DerivedKeys(roots)
    await Promise.all(Array.from({ length: 20 }, () => use(keys, ownerOf('a'))))
    expect(derived).toEqual(['a'])
  })

  test('[K7] a label and an id are never taken for others with the same letters', async () => {
    const { roots, derived } = rootsOf()
    const keys = new DerivedKeys(roots)
    for (const [label, id] of [
      ['a b', 'c'],
      ['a', 'b c'],
    ] as const) {
      await use(keys, { ...ownerOf('a'), purpose: { ...purpose, label, id } })
    }
    expect(derived).toEqual(['a', 'a'])
  })

  test('[P14] a key whose root is another one is derived again, also when the names are the same', async () => {
    const { roots, derived, rootByEpoch } = rootsOf()
    const keys = new DerivedKeys(roots)
    await use(keys, ownerOf('a'))
    const opening = keys.keyOf(ownerOf('a'), { opens: true })
    rootByEpoch.set(0n, {})
    expect(opening?.confirm()).toBe(false)
    expect(await use(keys, ownerOf('a'))).toBe(true)
    expect(derived).toEqual(['a', 'a'])
  })

  test('[P14] without a root there is no key', async () => {
    const { roots, rootByEpoch } = rootsOf()
    const keys = new DerivedKeys(roots)
    for (const opens of [true, false])
      expect(keys.keyOf(ownerOf('a', 1n), { opens })).toBeUndefined()
    const sealing = keys.keyOf(ownerOf('a'), { opens: false })
    rootByEpoch.clear()
    expect(sealing?.confirm()).toBe(false)
  })

  test('[K22] only messages of others confirm an epoch', async () => {
    const { roots, confirmed } = rootsOf()
    const keys = new DerivedKeys(roots)
    const sealing = keys.keyOf(ownerOf('a'), { opens: false })
    expect(sealing?.confirm()).toBe(true)
    expect(confirmed).toEqual([])
  })

  test('[P24] all keys of one root are counted together', () => {
    const { roots, rootByEpoch } = rootsOf()
    rootByEpoch.set(1n, {})
    const keys = new DerivedKeys(roots)
    const [one, other, next] = [ownerOf('a'), ownerOf('b'), ownerOf('a', 1n)].map((owner) =>
      keys.keyOf(owner, { opens: false }),
    )
    expect(one?.count).toBe(other?.count)
    expect(one?.count).not.toBe(next?.count)
  })
})

test('[P12] messages and events of one source share the bound, and each key is derived once', async () => {
  const source = new ExportSpy(rootOf(1))
  const chat = { kind: 'chat', roomId: 'r', messageId: 'm', sender: 'alice' } as const
  for (let count = 0; count < 3; count += 1) {
    const opened = await openEvent(await sealEvent(count, source, chat), source, {
      ...chat,
      replay: 'none',
    })
    expect(opened).toMatchObject({ type: 'opened', value: count, keyId: '', epoch: 0n })
  }
  expect(source.exports).toBe(1)
  source.close()
  expect((await failureOf(sealEvent(1, source, chat))).code).toBe('ERR_E2EE_CLOSED')
})
