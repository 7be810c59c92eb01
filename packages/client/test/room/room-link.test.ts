import { expect, test } from 'vitest'
import { createRoomLink, parseRoomLink } from '../../src/room/room-link.ts'

test('[R1] a new link opens its own room', async () => {
  const link = await createRoomLink('https://meet.example')
  expect(link).toMatch(/^https:\/\/meet\.example\/r\/[\w-]{22}#[\w-]{43}$/)
  expect(await parseRoomLink(link)).toMatchObject({ type: 'ok' })
  expect(await createRoomLink('https://meet.example')).not.toBe(link)
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
    [path, 'missing-secret'],
    [`${path}#`, 'missing-secret'],
    [`${path}#${secret.slice(0, -1)}`, 'damaged-secret'],
    [`${path}#${secret}A`, 'damaged-secret'],
    [`${path}#${secret.slice(0, -1)}!`, 'damaged-secret'],
    [`${path}#${otherSecret}`, 'wrong-secret'],
  ]
  const answers = await Promise.all(cases.map(([href]) => parseRoomLink(href)))
  expect(answers).toEqual(cases.map(([, reason]) => ({ type: 'invalid', reason })))
})
