import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { encodeLinkSecret } from '@conclave/e2ee'
import { deriveOwnerFingerprint, generateOwnerKeys } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { createRoomLink, parseRoomLink } from '../../src/room/room-link.ts'

test('[R1] a new link opens its own room', async () => {
  const link = await createRoomLink('https://meet.example')
  expect(link).toMatch(/^https:\/\/meet\.example\/r\/[\w-]{22}#[\w-]{64}$/)
  expect(await parseRoomLink(link)).toMatchObject({ type: 'ok' })
  expect(await createRoomLink('https://meet.example')).not.toBe(link)
})

test.each([
  ['https://meet.example', 'https://meet.example/', 'wss://meet.example/hub'],
  ['https://meet.example/meet/', 'https://meet.example/meet/', 'wss://meet.example/meet/hub'],
  ['http://localhost:8080/r/r/?a#b', 'http://localhost:8080/r/r/', 'ws://localhost:8080/r/r/hub'],
])('[R1] %s has rooms and a hub below its path', async (base, begin, hub) => {
  const link = await createRoomLink(base)
  expect(link.startsWith(`${begin}r/`)).toBe(true)
  for (const href of [link, link.replace('#', '/#'), link.replace('#', '?utm=mail#')]) {
    const parsed = await parseRoomLink(href)
    expect(parsed).toMatchObject({ type: 'ok' })
    if (parsed.type !== 'ok') return
    expect(parsed.hub).toBe(hub)
    parsed.keys.close()
  }
})

test('[R1] a link opens its room whatever mail and chat programs add to it', async () => {
  const link = await createRoomLink('https://meet.example')
  const added = [
    ...['.', ')', '>', ',', ';', '!', '?', '…', '\u200b', '=', '&utm_source=mail', ':~:text=hello'],
    ...[' ', '\n', '/', '#', '%20', '**'],
  ]
  const changed = [
    ...added.map((behind) => link + behind),
    ` ${link} `,
    `${link.slice(0, -10)}\r\n${link.slice(-10)}`,
    link.replace('#', '?utm_source=mail#'),
    link.replace('#', '/#'),
    link.replace('meet.example', 'MEET.example'),
  ]
  for (const href of changed) {
    const opened = await parseRoomLink(href)
    const secret = opened.type === 'ok' ? encodeLinkSecret(opened.secret) : opened.reason
    expect(secret, JSON.stringify(href)).toBe(link.split('#')[1])
  }
})

test('[R1, U2] a link names the owner of its room, and with another owner it opens nothing', async () => {
  const owner = await generateOwnerKeys()
  const link = await createRoomLink('https://meet.example', { owner })
  const fingerprint = await deriveOwnerFingerprint(owner.publicKey)
  const opened = await parseRoomLink(link)
  expect(opened).toMatchObject({ type: 'ok', ownerFingerprint: fingerprint })
  const bytes = decodeBase64Url(new URL(link).hash.slice(1)) ?? new Uint8Array()
  for (const other of [new Uint8Array(16), fingerprint.map((byte) => byte ^ 1)]) {
    bytes.set(other, 32)
    const forged = link.replace(/#.*/, `#${encodeBase64Url(bytes)}`)
    expect(await parseRoomLink(forged)).toEqual({ type: 'invalid', reason: 'wrong-secret' })
  }
})

test('[R1] each kind of damage has its name, and none throws', async () => {
  const link = await createRoomLink('https://meet.example')
  const other = await createRoomLink('https://meet.example')
  const [path = '', secret = ''] = link.split('#')
  const [, otherSecret = ''] = other.split('#')
  const cases: [string, string][] = [
    ['', 'not-a-room'],
    ['no link', 'not-a-room'],
    ['https://meet.example/', 'not-a-room'],
    ['https://meet.example/r/short#' + secret, 'not-a-room'],
    ['https://meet.example/r/' + '%'.repeat(22) + '#' + secret, 'not-a-room'],
    [`https://meet.example//evil.example${new URL(path).pathname}#${secret}`, 'not-a-room'],
    [path, 'missing-secret'],
    [`${path}#`, 'missing-secret'],
    [`${path}#${secret.slice(0, -1)}`, 'damaged-secret'],
    [`${path}#${secret}A`, 'damaged-secret'],
    [`${path}#${secret.slice(0, 43)}`, 'damaged-secret'],
    [`${path}#${secret.slice(0, -1)}!`, 'damaged-secret'],
    [`${path}#${otherSecret}`, 'wrong-secret'],
  ]
  const answers = await Promise.all(cases.map(([href]) => parseRoomLink(href)))
  expect(answers).toEqual(cases.map(([, reason]) => ({ type: 'invalid', reason })))
})
