/** Links that open nothing, devices that are not there, browsers that cannot. */
import { randomBytes } from 'node:crypto'
import { expect, test } from './fixtures.ts'
import { strings } from '../src/ui/strings.ts'

/** The secret part of a link to another room, which has no owner. */
const otherSecret = (): string =>
  Buffer.concat([randomBytes(32), Buffer.alloc(16)]).toString('base64url')

for (const { title, change, says } of [
  { title: 'no secret', change: (link: string) => link.replace(/#.*/, ''), says: 'is missing' },
  { title: 'a damaged secret', change: (link: string) => link.slice(0, -3), says: 'is damaged' },
  {
    title: 'the secret of another room',
    change: (link: string) => link.replace(/#.*/, `#${otherSecret()}`),
    says: 'belongs to another room',
  },
  {
    title: 'no room',
    change: (link: string) => link.replace(/\/r\/[\w-]+/, '/r/x'),
    says: 'names no room',
  },
]) {
  test(`a link with ${title} says so, and what to do`, async ({ hub, meet }) => {
    const alice = await meet('Alice-Kingfisher')
    const link = await alice.makeRoom(hub.origin)
    const carol = await meet('Carol-Shrike', { before: [countDeviceRequests] })
    await carol.page.goto(change(link))
    await carol.page.see('heading', 'This link does not open a room')
    const text = await carol.page.evaluate(() => document.body.innerText, null)
    expect(text).toContain(says)
    expect(await carol.page.evaluate(deviceRequests, null)).toBe(0)
    expect(carol.page.requests.filter((url) => url.startsWith('ws'))).toEqual([])
  })
}

test('a page with a wrong secret gets no media and no message of a call', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.sees(bob.name)
  const carol = await meet('Carol-Shrike')
  await carol.page.goto(link.replace(/#.*/, `#${otherSecret()}`))
  await alice.say('not for those without the link')
  await bob.reads('not for those without the link')
  const seen = await carol.page.evaluate(
    () => ({
      text: document.body.innerText,
      media: [...document.querySelectorAll('video, audio')].length,
    }),
    null,
  )
  expect(seen.text).not.toContain('not for those')
  expect(seen.media).toBe(0)
  await alice.isWith([bob.name])
})

for (const { title, devices, says } of [
  {
    title: 'without a camera and a microphone',
    devices: 'none',
    says: 'No microphone and no camera was found',
  },
  { title: 'with only a microphone', devices: 'microphone', says: 'No camera was found' },
  {
    title: 'with permission denied',
    devices: 'denied',
    says: 'may not use the microphone and the camera',
  },
] as const) {
  test(`${title} one joins, sees and chats all the same`, async ({ hub, meet }) => {
    const alice = await meet('Alice-Kingfisher')
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    const bob = await meet('Bob-Dipper', { devices })
    await bob.page.goto(link)
    await bob.page.waitFor((words) => document.body.innerText.includes(words), says, {
      what: `"${says}"`,
    })
    await bob.join(link)
    await bob.sees(alice.name)
    await bob.hears(alice.name)
    await alice.isWith([bob.name])
    if (devices === 'microphone') await alice.hears(bob.name)
    else expect(await alice.loudness(bob.name)).toBe(0)
    await bob.say('I can only watch and write')
    await alice.reads('I can only watch and write')
  })
}

for (const { devices, says, lists } of [
  { devices: 'none', says: 'No camera was found.', lists: 'None found' },
  { devices: 'denied', says: 'This page may not use the camera.', lists: 'Not allowed' },
] as const) {
  test(`pressing Camera with devices "${devices}" in the call says why it stays off`, async ({
    hub,
    meet,
  }) => {
    const bob = await meet('Bob-Dipper', { devices })
    await bob.join(await bob.makeRoom(hub.origin))
    await bob.page.click('button', 'Camera')
    await bob.page.waitFor(
      (words) => document.querySelector('.notices')?.textContent?.includes(words),
      says,
      { what: `"${says}"` },
    )
    await bob.page.click('button', 'Settings')
    await bob.page.see('dialog', 'Settings')
    const listed = await bob.page.evaluate(
      () => [...document.querySelectorAll('dialog option')].map((each) => each.textContent),
      null,
    )
    expect(listed).toContain(lists)
  })
}

test('a browser without encoded transforms is told before it is asked for a camera', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  const old = await meet('Carol-Ousel', { before: [makeOld] })
  await old.page.goto(link)
  await old.page.waitFor(
    () => document.body.innerText.includes('This browser cannot take part'),
    null,
  )
  expect(await old.page.evaluate(() => document.body.innerText, null)).toContain(
    'current Chrome, Edge or Firefox',
  )
  expect(await old.page.evaluate(deviceRequests, null)).toBe(0)
})

test('a person who cannot be reached is told as such, with advice, and chat works', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  const bob = await meet('Bob-Nuthatch', { before: [allowNoWay] })
  await bob.join(link)
  await bob.page.waitFor(saysInTile, [alice.name, strings.call.connecting])
  await bob.page.waitFor(saysInTile, [alice.name, strings.call.unreachable], { timeoutMs: 40_000 })
  await bob.say('I do not see you')
  await alice.reads('I do not see you')
})

test('without a common format for video the sound goes on and the tile says so', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  const bob = await meet('Bob-Nuthatch', { before: [forgetVideoCodecs] })
  await bob.join(link)
  await Promise.all([alice.hears(bob.name), bob.hears(alice.name)])
  for (const [person, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await person.page.waitFor(saysInTile, [other.name, strings.call.noPicture], {
      timeoutMs: 40_000,
      what: `${person.name} reading why there is no picture of ${other.name}`,
    })
  }
  await Promise.all([alice.hears(bob.name), bob.hears(alice.name)])
  // Others see and hear as ever.
  const carol = await meet('Carol-Woodlark')
  await carol.join(link)
  await Promise.all([carol.sees(alice.name), alice.sees(carol.name), carol.hears(bob.name)])
})

// The functions below run in the page and must not refer to anything outside of themselves.

function saysInTile([name, words]: readonly [string, string]): boolean {
  return [...document.querySelectorAll('ul[aria-label="Participants"] > li')].some(
    (item) =>
      item.querySelector('[dir="auto"]')?.textContent === name && item.textContent.includes(words),
  )
}

/** As if there were no way between the devices: only relays are allowed, and there is none. */
function allowNoWay(): void {
  if (!('RTCPeerConnection' in globalThis)) return
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' })
    }
  }
}

function forgetVideoCodecs(): void {
  if (!('RTCRtpSender' in globalThis)) return
  for (const side of [RTCRtpSender, RTCRtpReceiver]) {
    const original = side.getCapabilities.bind(side)
    side.getCapabilities = (kind) =>
      kind === 'video' ? { codecs: [], headerExtensions: [] } : original(kind)
  }
}

function countDeviceRequests(): void {
  Object.assign(globalThis, { deviceRequests: 0 })
  const devices = MediaDevices.prototype
  const original = Object.getOwnPropertyDescriptor(devices, 'getUserMedia')?.value
  devices.getUserMedia = function (...args) {
    Object.assign(globalThis, { deviceRequests: Reflect.get(globalThis, 'deviceRequests') + 1 })
    return Reflect.apply(original, this, args)
  }
}

function makeOld(): void {
  Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform')
  Reflect.deleteProperty(RTCRtpSender.prototype, 'transform')
  Reflect.deleteProperty(RTCRtpReceiver.prototype, 'transform')
  Reflect.deleteProperty(RTCRtpSender.prototype, 'createEncodedStreams')
  Reflect.deleteProperty(RTCRtpReceiver.prototype, 'createEncodedStreams')
  Object.assign(globalThis, { deviceRequests: 0 })
  MediaDevices.prototype.getUserMedia = () => {
    Object.assign(globalThis, { deviceRequests: Reflect.get(globalThis, 'deviceRequests') + 1 })
    return Promise.reject(new DOMException('asked', 'NotAllowedError'))
  }
}

function deviceRequests(): unknown {
  return Reflect.get(globalThis, 'deviceRequests')
}
