import { createSealer, SharedKeySource } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import {
  ExportSpy,
  failureOf,
  openSession,
  openText,
  outcome,
  ROOM,
  rootOf,
  sealText,
  utf8,
} from '../fixtures.ts'

describe('rotation', () => {
  test('[P4] a message is sealed in the epoch of its call and opened in the epoch it names', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const inOld = alice.sealer.seal({ kind: 3 }, utf8('old'))
    for (const { keys } of [alice, bob]) keys.setKey(rootOf(2), 1n)
    const inNew = alice.sealer.seal({ kind: 3 }, utf8('new'))
    const answers = []
    for (const { bytes } of [await inNew, await inOld])
      answers.push(await bob.sealer.open(alice.id, bytes))
    expect(answers).toMatchObject([
      { type: 'opened', epoch: 1n, sequence: 1n, body: utf8('new') },
      { type: 'opened', epoch: 0n, sequence: 0n, body: utf8('old') },
    ])
  })

  test('[P4] an epoch that is not held yet is unknown-key, and the same bytes open once it is', async () => {
    const [alice, bob] = [openSession(), openSession()]
    alice.keys.setKey(rootOf(2), 9n)
    const bytes = await sealText(alice, 'ahead')
    expect(await bob.sealer.open(alice.id, bytes)).toEqual({
      type: 'dropped',
      reason: 'unknown-key',
      keyId: '',
      epoch: 9n,
    })
    bob.keys.setKey(rootOf(2), 9n)
    expect(await openText(bob, alice, bytes)).toBe('opened: ahead')
  })

  test('[P2] the same root and epoch number never meet a sequence twice after a rotation', async () => {
    const alice = openSession()
    const seen: bigint[] = []
    for (let epoch = 1n; epoch < 5n; epoch += 1n) {
      seen.push((await alice.sealer.seal({ kind: 3 }, utf8('x'))).sequence)
      alice.keys.setKey(rootOf(1), epoch)
    }
    expect(seen).toEqual([0n, 1n, 2n, 3n])
  })

  test('[P8] replay is noticed across epochs', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'old')
    expect(await openText(bob, alice, bytes)).toBe('opened: old')
    for (const { keys } of [alice, bob]) keys.setKey(rootOf(2), 1n)
    expect(await openText(bob, alice, bytes)).toBe('replay')
  })
})

describe('retirement', () => {
  test('[P14] a peer whose key is rotated away stops: here at once, and there without an answer', async () => {
    const [alice, bob, removed] = [openSession(), openSession(), openSession()]
    expect(await openText(bob, removed, await sealText(removed, 'hi'))).toBe('opened: hi')
    for (const { keys } of [alice, bob]) {
      keys.setKey(rootOf(2), 1n)
      keys.retire(0n)
    }
    expect(await openText(bob, removed, await sealText(removed, 'still here'))).toBe('unknown-key')
    expect(await openText(removed, alice, await sealText(alice, 'without you'))).toBe('unknown-key')
    expect(await openText(bob, alice, await sealText(alice, 'among us'))).toBe('opened: among us')
  })

  test('[P14] a message whose epoch retires while it is opened is unknown-key', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const [first, second] = [await sealText(alice, 'first'), await sealText(alice, 'second')]
    expect(await openText(bob, alice, first)).toBe('opened: first')
    bob.keys.setKey(rootOf(2), 1n)
    const withCachedKey = openText(bob, alice, second)
    const withoutKey = openText(bob, openSession({ id: alice.id }), second)
    bob.keys.retire(0n)
    expect(await withCachedKey).toBe('unknown-key')
    expect(await withoutKey).toBe('unknown-key')
  })

  test('[P14] sealing that runs while its epoch retires fails with ERR_E2EE_UNKNOWN_KEY', async () => {
    const alice = openSession()
    await sealText(alice, 'cached')
    const sealing = sealText(alice, 'too late')
    alice.keys.setKey(rootOf(2), 1n)
    alice.keys.retire(0n)
    const error = await failureOf(sealing)
    expect(error).toMatchObject({ code: 'ERR_E2EE_UNKNOWN_KEY', details: { keyId: '', epoch: 0n } })
    await expect(sealText(alice, 'next')).resolves.toBeDefined()
  })

  test('[P14] derived keys are dropped when the sealer closes: another sealer derives them again', async () => {
    const alice = openSession()
    const keys = new ExportSpy(rootOf(1))
    const open = async (text: string): Promise<string> => {
      const sealer = createSealer({ keys, room: ROOM })
      const opened = outcome(await sealer.open(alice.id, await sealText(alice, text)))
      sealer.close()
      return opened
    }
    expect([await open('a'), await open('b')]).toEqual(['opened: a', 'opened: b'])
    expect(keys.exports).toBe(2)
  })

  test('[P14] sealing that runs while the sealer closes leaves no key behind', async () => {
    const keys = new ExportSpy(rootOf(1))
    const { id } = openSession()
    const closing = createSealer({ keys, room: ROOM, unsafeSelf: id })
    const sealing = closing.seal({ kind: 3 }, utf8('x'))
    closing.close()
    expect((await failureOf(sealing)).code).toBe('ERR_E2EE_CLOSED')
    await createSealer({ keys, room: ROOM, unsafeSelf: id }).seal({ kind: 3 }, utf8('x'))
    expect(keys.exports).toBe(2)
  })

  test('[P14] when the key source closes with its sealer, sealing still says that it was closed', async () => {
    const alice = openSession()
    const sealing = [alice.sealer.seal({ kind: 3 }, utf8('x')), sealText(alice, 'y')]
    alice.sealer.close()
    alice.keys.close()
    for (const call of sealing) expect((await failureOf(call)).code).toBe('ERR_E2EE_CLOSED')
  })

  test('[P14] after closing nothing is sealed and nothing opens', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'hello')
    const opening = openText(bob, alice, bytes)
    bob.sealer.close()
    bob.sealer.close()
    expect(await opening).toBe('unknown-key')
    expect(await openText(bob, alice, bytes)).toBe('unknown-key')
    expect(await openText(bob, alice, utf8('rubbish'))).toBe('malformed')
    const sealing = sealText(alice, 'late')
    alice.sealer.close()
    expect((await failureOf(sealing)).code).toBe('ERR_E2EE_CLOSED')
    expect((await failureOf(sealText(alice, 'later'))).code).toBe('ERR_E2EE_CLOSED')
    await expect(alice.keys.export('x', new Uint8Array(), 16)).resolves.toHaveLength(16)
  })

  test('[P14] with a closed key source everything that arrives is unknown-key', async () => {
    const [alice, bob] = [openSession(), openSession()]
    const bytes = await sealText(alice, 'hello')
    bob.keys.close()
    expect(await openText(bob, alice, bytes)).toBe('unknown-key')
    expect((await failureOf(sealText(bob, 'x'))).code).toBe('ERR_E2EE_CLOSED')
  })

  test('[P14] a sealer leaves no handler at its key source', async () => {
    const handlers: string[] = []
    class CountingSource extends SharedKeySource {
      override on(...given: Parameters<SharedKeySource['on']>): () => void {
        handlers.push(given[0])
        return super.on(...given)
      }
    }
    const sealer = createSealer({
      keys: new CountingSource(rootOf(1)),
      room: ROOM,
    })
    await sealer.seal({ kind: 3 }, utf8('x'))
    sealer.close()
    expect(handlers).toEqual([])
  })
})
