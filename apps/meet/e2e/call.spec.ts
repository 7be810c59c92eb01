/** Calls, as people make them. */
import { expect, findLeaks, test } from './fixtures.ts'
import { Hub } from './hub.ts'

test('from the start page to a call and out of it again', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  expect(link).toMatch(/\/r\/[\w-]{22}#[\w-]{64}$/)
  await alice.join(link)
  await alice.isWith([])
  await alice.leave()
  await alice.page.see('button', 'Rejoin')
})

test('two people in Chromium see and hear each other and chat, with the relays that the hub names', async ({
  meet,
}) => {
  const urls = 'turn:127.0.0.1:9'
  const hub = await Hub.start({ iceServers: [{ urls, username: 'meet', credential: 'relay' }] })
  const alice = await meet('Alice-Kingfisher', { before: [keepConnections] })
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await Promise.all([alice.isWith([bob.name]), bob.isWith([alice.name])])
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
  await Promise.all([alice.hears(bob.name), bob.hears(alice.name)])
  await alice.say('the heron stands at the weir')
  await bob.reads('the heron stands at the weir')
  await bob.say('the otter is under the bridge')
  await alice.reads('the otter is under the bridge')
  expect(await alice.timesInChat('the heron stands at the weir')).toBe(1)
  expect(await alice.page.evaluate(serversOfConnections, null)).toEqual([urls])
  expect(findLeaks(hub, [alice, bob])).toEqual([])
  await hub.stop()
})

// These run in the page and must not refer to anything outside of themselves.
function keepConnections(): void {
  const connections: RTCPeerConnection[] = []
  Reflect.set(globalThis, 'connections', connections)
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      connections.push(this)
    }
  }
}

function serversOfConnections(): string[] {
  const connections: RTCPeerConnection[] = Reflect.get(globalThis, 'connections')
  const open = connections.filter(({ connectionState }) => connectionState === 'connected')
  const servers = open.flatMap((connection) => connection.getConfiguration().iceServers ?? [])
  return [...new Set(servers.flatMap(({ urls }) => urls))]
}

test('Chromium and Firefox see and hear each other and chat', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const carol = await meet('Carol-Goldfinch', { browser: 'firefox' })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await carol.join(link)
  await Promise.all([alice.isWith([carol.name]), carol.isWith([alice.name])])
  await Promise.all([alice.sees(carol.name), carol.sees(alice.name)])
  await Promise.all([alice.hears(carol.name), carol.hears(alice.name)])
  await alice.say('sent from the one browser')
  await carol.reads('sent from the one browser')
  await carol.say('sent from the other browser')
  await alice.reads('sent from the other browser')
})

test('Firefox makes the room and Chromium joins it', async ({ hub, meet }) => {
  const carol = await meet('Carol-Goldfinch', { browser: 'firefox' })
  const alice = await meet('Alice-Kingfisher')
  const link = await carol.makeRoom(hub.origin)
  await carol.join(link)
  await alice.join(link)
  await Promise.all([alice.sees(carol.name), carol.sees(alice.name)])
  await Promise.all([alice.hears(carol.name), carol.hears(alice.name)])
})

test('a third person joins late, one leaves, one reloads', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
  await alice.say('said before the third one came')
  await bob.reads('said before the third one came')

  const carol = await meet('Carol-Woodlark')
  await carol.join(link)
  await carol.isWith([alice.name, bob.name])
  await Promise.all([
    carol.sees(alice.name),
    carol.sees(bob.name),
    alice.sees(carol.name),
    bob.sees(carol.name),
  ])
  await carol.hears(alice.name)
  await alice.say('said to all three of them')
  await Promise.all([
    bob.reads('said to all three of them'),
    carol.reads('said to all three of them'),
  ])
  await carol.reads('said before the third one came')

  await bob.leave()
  await Promise.all([alice.isWith([carol.name]), carol.isWith([alice.name])])

  await carol.page.reload()
  await carol.inCall()
  await Promise.all([alice.isWith([carol.name]), carol.isWith([alice.name])])
  await Promise.all([carol.sees(alice.name), alice.sees(carol.name)])
  await alice.hears(carol.name)
  await carol.say('back after a reload')
  await alice.reads('back after a reload')
})

for (const browser of ['chromium', 'firefox'] as const) {
  test(`a screen is shared from ${browser}, and no longer`, async ({ hub, meet }) => {
    const alice = await meet('Alice-Kingfisher', { browser })
    const bob = await meet('Bob-Nuthatch')
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    await bob.join(link)
    await bob.sees(alice.name)
    await alice.page.click('button', 'Share screen')
    await bob.sees(alice.name, { isScreen: true })
    await bob.sees(alice.name)
    await alice.page.click('button', 'Share screen')
    await bob.page.waitFor(
      () => document.querySelector('video[data-source="screen"]') === null,
      null,
      {
        what: 'the screen to disappear',
      },
    )
    await bob.sees(alice.name)
  })
}

test('microphone and camera go off and on again', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await bob.sees(alice.name)
  await bob.hears(alice.name)

  await alice.page.click('button', 'Mic')
  await expect.poll(() => bob.loudness(alice.name)).toBe(0)
  await alice.page.click('button', 'Mic')
  await bob.hears(alice.name)

  await alice.page.click('button', 'Camera')
  await bob.page.waitFor(cameraIsOff, alice.name, {
    what: `${bob.name} being told that the camera is off`,
  })
  await alice.page.click('button', 'Camera')
  await bob.sees(alice.name)
})

function cameraIsOff(name: string): boolean {
  const items = [...document.querySelectorAll('ul[aria-label="Participants"] > li')]
  return items.some(
    (item) => item.textContent.includes(name) && item.textContent.includes('camera off'),
  )
}
