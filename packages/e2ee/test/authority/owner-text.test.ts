import { decodeOwnerKeys, encodeOwnerKeys, generateOwnerKeys } from '@conclave/e2ee/authority'
import type { OwnerKeys } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'
import { createOwned } from './fixtures.ts'

const textOf = (keys: OwnerKeys): string => {
  const text = encodeOwnerKeys(keys)
  if (text === undefined) throw new Error('expected exportable keys')
  return text
}

test('[U18] the device that reads the text of the owner’s keys is the owner too', async () => {
  const first = await generateOwnerKeys({ exportable: true })
  const one = await createOwned(first)
  const decoded = await decodeOwnerKeys(textOf(first), { ownerFingerprint: one.fingerprint })
  if (decoded.type !== 'owner') throw new Error(decoded.reason)
  const two = await createOwned(decoded.owner)
  const member = await one.member(await one.sign({ rule: 'ask' }))
  const statement = await two.sign({ number: 2, rule: 'locked' })
  expect(await member.apply(statement)).toMatchObject({ type: 'policy', judgement: 'newer' })
})

test('[U18, U1] keys that are not exportable have no text, and decoded ones only if that is asked for', async () => {
  expect(encodeOwnerKeys(await generateOwnerKeys())).toBeUndefined()
  const { owner, fingerprint: ownerFingerprint } = await createOwned(
    await generateOwnerKeys({ exportable: true }),
  )
  for (const exportable of [undefined, false, true]) {
    const decoded = await decodeOwnerKeys(textOf(owner), { ownerFingerprint, exportable })
    if (decoded.type !== 'owner') throw new Error(decoded.reason)
    const again = encodeOwnerKeys(decoded.owner)
    expect(again).toBe(exportable === true ? textOf(owner) : undefined)
  }
})

test('[U18, E5] people may spell the text as they like', async () => {
  const { owner, fingerprint: ownerFingerprint } = await createOwned(
    await generateOwnerKeys({ exportable: true }),
  )
  const text = textOf(owner)
  expect(text).toMatch(/^(?:[\dA-HJKMNP-TV-Z]{4}-){15}[\dA-HJKMNP-TV-Z]$/)
  const spelt = [
    text.toLowerCase(),
    text.replaceAll('-', ''),
    text.replaceAll('-', ' \n'),
    text.replaceAll('-', '–'),
    text.replaceAll('0', 'o').replaceAll('1', 'l'),
    `\u00A0${text}\r\n`,
  ]
  for (const each of spelt) {
    expect(await decodeOwnerKeys(each, { ownerFingerprint })).toMatchObject({ type: 'owner' })
  }
})

test('[U18] every wrong character and every two that changed places are malformed', async () => {
  const { owner, fingerprint: ownerFingerprint } = await createOwned(
    await generateOwnerKeys({ exportable: true }),
  )
  const text = textOf(owner).replaceAll('-', '')
  const wrong = [...text].flatMap((character, at) => {
    const next = text[at + 1] ?? character
    return [
      text.slice(0, at) + (character === 'Z' ? 'Y' : 'Z') + text.slice(at + 1),
      ...(next === character ? [] : [text.slice(0, at) + next + character + text.slice(at + 2)]),
      text.slice(0, at),
    ]
  })
  for (const each of wrong) {
    const decoded = await decodeOwnerKeys(each, { ownerFingerprint })
    expect(decoded).toEqual({ type: 'refused', reason: 'malformed' })
  }
})

test('[U18] anything but a text is malformed, and neither answer holds the text', async () => {
  const { owner } = await createOwned(await generateOwnerKeys({ exportable: true }))
  const other = { ownerFingerprint: rootOf(1).subarray(0, 16) }
  const hostile = [undefined, null, 7, {}, [textOf(owner)], new String(textOf(owner)), Symbol('s')]
  for (const each of [...hostile, 'a'.repeat(1 << 20), '\uD800', '-']) {
    expect(await decodeOwnerKeys(each, other)).toEqual({ type: 'refused', reason: 'malformed' })
  }
  const refused = await decodeOwnerKeys(textOf(owner), other)
  expect(refused).toEqual({ type: 'refused', reason: 'other-owner' })
  for (const wrong of [undefined, rootOf(1), 'x']) {
    const decoded = decodeOwnerKeys(textOf(owner), { ownerFingerprint: wrong as never })
    await expect(decoded).rejects.toThrow(/^"ownerFingerprint" expected/)
  }
  expect(() => encodeOwnerKeys({} as never)).toThrow(/^"owner" expected/)
})
