import { concatBytes } from '@conclave/base'
import { createMemoryStorage, findRecoveryKeyMistake, parseRecoveryKey } from '@conclave/vault'
import type { Vault } from '@conclave/vault'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/vault.json' with { type: 'json' }
import { decodeContents, encodeContents } from '../../src/format/contents.ts'
import { decodeVaultFile, encodeVaultHead } from '../../src/format/vault-file.ts'
import { bytesToHex, hexToBytes, newVault, reopen } from '../fixtures.ts'

const vaults = vectors.vaults.map(({ bytes }) => hexToBytes(bytes))

/** Bytes near a vault: cut, changed, spliced, or anything. */
const nearVault = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .record({
      vault: fc.constantFrom(...vaults),
      cut: fc.option(fc.nat(2_000)),
      changes: fc.array(fc.tuple(fc.nat(800), fc.nat(255)), { maxLength: 6 }),
      tail: fc.uint8Array({ maxLength: 8 }),
    })
    .map(({ vault, cut, changes, tail }) => {
      const bytes = new Uint8Array([...vault.subarray(0, cut ?? vault.length), ...tail])
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return bytes
    }),
)

test('[V2] no bytes make the decoder throw, and every vault has one encoding', () => {
  const property = fc.property(nearVault, (bytes) => {
    const file = decodeVaultFile(bytes)
    const again = file && concatBytes(encodeVaultHead(file, file.sealed.length), file.sealed)
    expect(again === undefined || bytesToHex(again) === bytesToHex(bytes)).toBe(true)
  })
  fc.assert(property, { numRuns: 3_000 })
})

test('[V4] no contents make the decoder throw, and all contents have one encoding', () => {
  const entries = new Map([
    ['a', Uint8Array.of(1)],
    ['b', new Uint8Array(900)],
  ])
  const slots = [{ publicKey: new Uint8Array(32).fill(1), label: 'x' }]
  const rotations = [{ publicKey: new Uint8Array(32), signature: new Uint8Array(64) }]
  const expected = { slots: 1, version: 2, generation: 1 }
  const [device, digest] = [new Uint8Array(16).fill(1), new Uint8Array(32)]
  const whole = encodeContents({
    ...{ slots, rotations, history: [digest], entries, writer: new Uint8Array(16) },
    lastWrites: [{ device, version: 1, digest }],
  })
  const near = fc
    .record({
      cut: fc.option(fc.nat(whole.length)),
      changes: fc.array(fc.tuple(fc.nat(1_300), fc.nat(255)), { maxLength: 4 }),
    })
    .map(({ cut, changes }) => {
      const bytes = new Uint8Array(whole.subarray(0, cut ?? whole.length))
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return bytes
    })
  const property = fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 300 })), (bytes) => {
    const contents = decodeContents(bytes, expected)
    const again = contents && encodeContents(contents)
    expect(again === undefined || bytesToHex(again.subarray(0, bytes.length))).toBe(
      again === undefined || bytesToHex(bytes),
    )
  })
  fc.assert(property, { numRuns: 2_000 })
})

test('[V4] contents with too short or too long a padding are malformed', () => {
  const entries = new Map([['a', new Uint8Array(900)]])
  const expected = { slots: 1, version: 1, generation: 0 }
  const slots = [{ publicKey: new Uint8Array(32), label: 'x' }]
  const past = { rotations: [], history: [], lastWrites: [], writer: new Uint8Array(16) }
  const whole = encodeContents({ slots, entries, ...past })
  expect(decodeContents(whole, expected)).toBeDefined()
  expect(decodeContents(whole.subarray(0, -1), expected)).toBeUndefined()
  expect(decodeContents(concatBytes(whole, new Uint8Array(1)), expected)).toBeUndefined()
})

test('[V9] no text makes the parser of recovery keys throw', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom(...Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ-')),
      maxLength: 40,
    }),
  )
  const property = fc.property(text, (value) => {
    const known = parseRecoveryKey(value) !== undefined
    expect(findRecoveryKeyMistake(value) === undefined).toBe(known)
  })
  fc.assert(property, { numRuns: 2_000 })
})

test('[V15, V18] all devices end with the same entries, whatever they do in whatever order', async () => {
  const operation = fc.record({
    device: fc.nat(1),
    kind: fc.constantFrom('set', 'set', 'delete', 'rotate', 'refresh'),
    name: fc.constantFrom('a', 'b', 'c'),
    value: fc.uint8Array({ maxLength: 3 }),
  })
  const property = fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
    const { vault, ...place } = await newVault(createMemoryStorage())
    const devices: readonly Vault[] = [vault, await reopen(place)]
    const model = new Map<string, string>()
    for (const { device, kind, name, value } of operations) {
      const each = devices[device]
      if (kind === 'set') model.set(name, bytesToHex(value))
      if (kind === 'delete') model.delete(name)
      await (kind === 'set'
        ? each?.set(name, value)
        : kind === 'delete'
          ? each?.delete(name)
          : each?.[kind]())
    }
    for (const each of [...devices, await reopen(place)]) {
      await each.refresh()
      const held = each
        .list()
        .map((name) => [name, bytesToHex(each.get(name) ?? new Uint8Array(9))])
      expect(held).toEqual([...model].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    }
  })
  await fc.assert(property, { numRuns: 25 })
})
