/** Searches everything that the hub received. The fixture does the same after every other test. */
import { WebSocket } from 'ws'
import { findMarkers } from './canary.ts'
import { expect, findLeaks, test } from './fixtures.ts'

test('T1, T5: the hub sees who talks to whom, and nothing of what they say', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher-ü')
  const carol = await meet('Carol-Goldfinch', { browser: 'firefox' })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await carol.join(link)
  await Promise.all([alice.sees(carol.name), carol.sees(alice.name)])
  await alice.say('meet me at the lighthouse at dawn')
  await carol.reads('meet me at the lighthouse at dawn')
  await carol.say('bring the blue lantern')
  await alice.reads('bring the blue lantern')
  await alice.page.click('button', 'Share screen')
  await carol.sees(alice.name, { isScreen: true })

  const [, room = '', secret = ''] = /\/r\/([\w-]{22})#([\w-]{42})[\w-]{22}$/.exec(link) ?? []
  alice.secrets.add(secret)
  expect(findLeaks(hub, [alice, carol])).toEqual([])

  // The recording is one of this call: what a hub must see is in it.
  const seen = findMarkers(hub.received(), ['conclave.v1', room, '"type":"join"', 'GET /hub'])
  expect(new Set(seen.map(({ marker }) => marker)).size).toBe(4)
  expect(hub.logged().length).toBeGreaterThan(0)
})

test('the search finds what is sent in clear, in a socket and in a request', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  await alice.makeRoom(hub.origin)
  const socket = new WebSocket(`ws://localhost:${hub.port}/hub`, 'conclave.v1', {
    origin: hub.origin,
  })
  await new Promise((resolve) => socket.once('message', resolve))
  socket.send(JSON.stringify({ type: 'chat', text: 'nobody sealed this sentence' }))
  socket.send(Buffer.from('nor this one'))
  await new Promise((resolve) => {
    socket.once('close', resolve)
    socket.close()
  })
  await fetch(`${hub.origin}/?q=${encodeURIComponent('not even this question')}`)
  const markers = ['nobody sealed this sentence', 'nor this one', 'not even this question']
  await expect
    .poll(() => new Set(findMarkers(hub.received(), markers).map(({ marker }) => marker)).size)
    .toBe(markers.length)
})
