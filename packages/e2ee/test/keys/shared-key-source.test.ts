import { handlerErrorsIn } from '@conclave/base/testing'
import { MAX_EPOCH, MAX_EPOCHS, SharedKeySource } from '@conclave/e2ee'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToHex, failureOf, rootOf, utf8 } from '../fixtures.ts'

const NONE = new Uint8Array()

describe('export', () => {
  test('[K6] arguments outside the bounds are mistakes of the caller', async () => {
    const source = new SharedKeySource(rootOf(1))
    const call = (...rest: unknown[]): Promise<unknown> =>
      (source.export as (...given: unknown[]) => Promise<unknown>).apply(source, rest)
    for (const label of [
      '',
      'a'.repeat(256),
      'tab\t',
      'caf\u00e9',
      '\u{1f511}',
      'nul\0',
      'line\n',
    ]) {
      await expect(call(label, NONE, 32)).rejects.toThrow(RangeError)
    }
    await expect(call(7, NONE, 32)).rejects.toThrow(RangeError)
    await expect(call('x', 'text', 32)).rejects.toThrow(TypeError)
    await expect(call('x', new Uint16Array(1), 32)).rejects.toThrow(TypeError)
    await expect(call('x', new Uint8Array(65_536), 32)).rejects.toThrow(RangeError)
    for (const length of [0, -1, 1.5, 8161, Number.NaN]) {
      await expect(call('x', NONE, length)).rejects.toThrow(RangeError)
    }
    await expect(call('x', NONE, '32')).rejects.toThrow(TypeError)
    await expect(call('x', NONE, 32, 0)).rejects.toThrow(TypeError)
    for (const epoch of [-1n, MAX_EPOCH + 1n]) {
      await expect(call('x', NONE, 32, epoch)).rejects.toThrow(RangeError)
    }
    await expect(source.export('x', new Uint8Array(65_535), 8160)).resolves.toHaveLength(8160)
  })

  test('[K6] the context is read before the call returns', async () => {
    const source = new SharedKeySource(rootOf(1))
    const context = utf8('context')
    const pending = source.export('x', context, 32)
    context.fill(0)
    expect(await pending).toEqual(await source.export('x', utf8('context'), 32))
  })

  test('[K7] outputs differ when label, context, length, epoch or root do', async () => {
    const source = new SharedKeySource(rootOf(1))
    source.setKey(rootOf(1), 1n)
    const other = new SharedKeySource(rootOf(2))
    const outputs = await Promise.all([
      source.export('a', NONE, 32, 0n),
      source.export('a', NONE, 32, 1n),
      source.export('a', NONE, 33, 0n),
      source.export('b', NONE, 32, 0n),
      source.export('a', Uint8Array.of(0), 32, 0n),
      source.export('a', Uint8Array.of(0, 0), 32, 0n),
      other.export('a', NONE, 32, 0n),
    ])
    const shown = outputs.map((bytes) => bytesToHex(bytes.subarray(0, 32)))
    expect(new Set(shown).size).toBe(outputs.length)
  })

  test('[K7] bytes do not move between label and context', () => {
    const texts = fc.string({ minLength: 2, maxLength: 20, unit: 'grapheme-ascii' })
    return fc.assert(
      fc.asyncProperty(texts, texts, fc.nat(19), async (label, context, cut) => {
        const source = new SharedKeySource(rootOf(1))
        const whole = label + context
        const at = 1 + (cut % (whole.length - 1))
        fc.pre(at !== label.length)
        const ours = await source.export(label, utf8(context), 16)
        const moved = await source.export(whole.slice(0, at), utf8(whole.slice(at)), 16)
        expect(bytesToHex(moved)).not.toBe(bytesToHex(ours))
      }),
    )
  })

  test('[K8] without an epoch the current one is meant; one that is not held is named', async () => {
    const source = new SharedKeySource(rootOf(1), { epoch: 5n })
    expect(source.epoch).toBe(5n)
    expect(await source.export('x', NONE, 16)).toEqual(await source.export('x', NONE, 16, 5n))
    for (const epoch of [0n, 4n, 6n, MAX_EPOCH]) {
      const error = await failureOf(source.export('x', NONE, 16, epoch))
      expect(error).toMatchObject({ code: 'ERR_E2EE_UNKNOWN_EPOCH', details: { epoch } })
    }
  })

  test('[K9] a shared root claims no guarantee', () => {
    const source = new SharedKeySource(rootOf(1))
    expect(source.mode).toBe('shared')
    expect(source.members()).toEqual([])
  })
})

describe('epochs', () => {
  test('[K10] setKey makes a higher epoch current, at once and with an event', async () => {
    const source = new SharedKeySource(rootOf(1))
    const epochs: bigint[] = []
    source.on('epochChanged', ({ epoch }) => epochs.push(epoch, source.epoch))
    source.setKey(rootOf(2), 7n)
    expect(source.epoch).toBe(7n)
    expect(epochs).toEqual([7n, 7n])
    expect(await source.export('x', NONE, 16)).toEqual(
      await new SharedKeySource(rootOf(2), { epoch: 7n }).export('x', NONE, 16),
    )
  })

  test('[K10] an epoch that does not rise, a wrong secret, and a wrong type change nothing', () => {
    const source = new SharedKeySource(rootOf(1), { epoch: 5n })
    for (const epoch of [0n, 4n, 5n, -1n, MAX_EPOCH + 1n]) {
      expect(() => source.setKey(rootOf(2), epoch)).toThrow(RangeError)
    }
    expect(() => source.setKey(rootOf(2), 6 as never)).toThrow(TypeError)
    expect(() => source.setKey(new Uint8Array(16), 6n)).toThrow(TypeError)
    expect(() => new SharedKeySource('secret' as never)).toThrow(TypeError)
    expect(() => new SharedKeySource(rootOf(1), { epoch: -1n })).toThrow(RangeError)
    expect(source.epoch).toBe(5n)
  })

  test('[K11] earlier epochs still export, and beyond 16 the oldest retires', async () => {
    const source = new SharedKeySource(rootOf(200))
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    for (let epoch = 1; epoch < MAX_EPOCHS; epoch += 1) source.setKey(rootOf(epoch), BigInt(epoch))
    expect(retired).toEqual([])
    await expect(source.export('x', NONE, 16, 0n)).resolves.toHaveLength(16)
    source.setKey(rootOf(200), 99n)
    expect(retired).toEqual([0n])
    expect((await failureOf(source.export('x', NONE, 16, 0n))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    await expect(source.export('x', NONE, 16, 1n)).resolves.toHaveLength(16)
  })

  test('[K12] a retired epoch is removed, and its event is sent in the same call', async () => {
    const source = new SharedKeySource(rootOf(1))
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    source.setKey(rootOf(2), 1n)
    const underWay = source.export('x', NONE, 16, 0n)
    source.retire(0n)
    expect(retired).toEqual([0n])
    expect((await failureOf(underWay)).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect((await failureOf(source.export('x', NONE, 16, 0n))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    source.retire(0n)
    source.retire(77n)
    expect(retired).toEqual([0n])
    expect(() => source.setKey(rootOf(1), 0n)).toThrow(RangeError)
  })

  test('[K12] the current epoch cannot be retired', async () => {
    const source = new SharedKeySource(rootOf(1), { epoch: 3n })
    expect(() => source.retire(3n)).toThrow(RangeError)
    await expect(source.export('x', NONE, 16)).resolves.toHaveLength(16)
  })

  test('[K13] closing retires everything, once and for good', async () => {
    const source = new SharedKeySource(rootOf(1))
    source.setKey(rootOf(2), 1n)
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    const underWay = source.export('x', NONE, 16)
    source.close()
    source.close()
    expect(retired).toEqual([0n, 1n])
    expect((await failureOf(underWay)).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect((await failureOf(source.export('x', NONE, 16))).code).toBe('ERR_E2EE_CLOSED')
    expect((await failureOf(() => source.setKey(rootOf(3), 2n))).code).toBe('ERR_E2EE_CLOSED')
  })

  test('[K14] a handler that throws disturbs neither caller nor other handlers; an unsubscribed one is not called', async () => {
    const source = new SharedKeySource(rootOf(1))
    const heard: string[] = []
    source.on('epochChanged', () => {
      throw new Error('first')
    })
    const off = source.on('epochChanged', () => heard.push('off'))
    source.on('epochChanged', () => heard.push('second'))
    off()
    off()
    const thrown = await handlerErrorsIn(() => source.setKey(rootOf(2), 1n))
    expect(thrown.map(String)).toEqual(['Error: first'])
    expect(heard).toEqual(['second'])
    expect(source.epoch).toBe(1n)
  })

  test('[K14] a throwing handler keeps no root alive when closing', async () => {
    const source = new SharedKeySource(rootOf(1))
    source.setKey(rootOf(2), 1n)
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => {
      retired.push(epoch)
      throw new Error(`handler of ${epoch}`)
    })
    const thrown = await handlerErrorsIn(() => source.close())
    expect(thrown.map(String)).toEqual(['Error: handler of 0', 'Error: handler of 1'])
    expect(retired).toEqual([0n, 1n])
    expect((await failureOf(source.export('x', NONE, 16, 1n))).code).toBe('ERR_E2EE_CLOSED')
  })
})

test('[K5] a source redacts its roots, and does not keep the given array', async () => {
  const secret = rootOf(0xab)
  const source = new SharedKeySource(secret)
  expect(secret).toEqual(rootOf(0xab))
  secret.fill(0)
  expect(JSON.stringify(source)).toBe('{"mode":"shared"}')
  expect(await source.export('x', NONE, 16)).toEqual(
    await new SharedKeySource(rootOf(0xab)).export('x', NONE, 16),
  )
})
