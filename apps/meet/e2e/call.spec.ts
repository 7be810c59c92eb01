/** Calls, as people make them. */
import { expect, test } from './fixtures.ts'

test('from the start page to a call and out of it again', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const link = await ada.makeRoom(hub.origin)
  expect(link).toMatch(/\/r\/[\w-]{22}#[\w-]{64}$/)
  await ada.join(link)
  await ada.isWith([])
  await ada.leave()
  await ada.page.see('button', 'Rejoin')
})

test('two people in Chromium see and hear each other and chat', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  await Promise.all([ada.isWith([bob.name]), bob.isWith([ada.name])])
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])
  await Promise.all([ada.hears(bob.name), bob.hears(ada.name)])
  await ada.say('the heron stands at the weir')
  await bob.reads('the heron stands at the weir')
  await bob.say('the otter is under the bridge')
  await ada.reads('the otter is under the bridge')
  expect(await ada.timesInChat('the heron stands at the weir')).toBe(1)
})

test('Chromium and Firefox see and hear each other and chat', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const fay = await meet('Fay-Goldfinch', { browser: 'firefox' })
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await fay.join(link)
  await Promise.all([ada.isWith([fay.name]), fay.isWith([ada.name])])
  await Promise.all([ada.sees(fay.name), fay.sees(ada.name)])
  await Promise.all([ada.hears(fay.name), fay.hears(ada.name)])
  await ada.say('sent from the one browser')
  await fay.reads('sent from the one browser')
  await fay.say('sent from the other browser')
  await ada.reads('sent from the other browser')
})

test('Firefox makes the room and Chromium joins it', async ({ hub, meet }) => {
  const fay = await meet('Fay-Goldfinch', { browser: 'firefox' })
  const ada = await meet('Ada-Kingfisher')
  const link = await fay.makeRoom(hub.origin)
  await fay.join(link)
  await ada.join(link)
  await Promise.all([ada.sees(fay.name), fay.sees(ada.name)])
  await Promise.all([ada.hears(fay.name), fay.hears(ada.name)])
})

test('a third person joins late, one leaves, one reloads', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])
  await ada.say('said before the third one came')
  await bob.reads('said before the third one came')

  const cleo = await meet('Cleo-Woodlark')
  await cleo.join(link)
  await cleo.isWith([ada.name, bob.name])
  await Promise.all([
    cleo.sees(ada.name),
    cleo.sees(bob.name),
    ada.sees(cleo.name),
    bob.sees(cleo.name),
  ])
  await cleo.hears(ada.name)
  await ada.say('said to all three of them')
  await Promise.all([
    bob.reads('said to all three of them'),
    cleo.reads('said to all three of them'),
  ])
  expect(await cleo.timesInChat('said before the third one came')).toBe(0)

  await bob.leave()
  await Promise.all([ada.isWith([cleo.name]), cleo.isWith([ada.name])])

  await cleo.page.reload()
  await cleo.inCall()
  await Promise.all([ada.isWith([cleo.name]), cleo.isWith([ada.name])])
  await Promise.all([cleo.sees(ada.name), ada.sees(cleo.name)])
  await ada.hears(cleo.name)
  await cleo.say('back after a reload')
  await ada.reads('back after a reload')
})

for (const browser of ['chromium', 'firefox'] as const) {
  test(`a screen is shared from ${browser}, and no longer`, async ({ hub, meet }) => {
    const ada = await meet('Ada-Kingfisher', { browser })
    const bob = await meet('Bob-Nuthatch')
    const link = await ada.makeRoom(hub.origin)
    await ada.join(link)
    await bob.join(link)
    await bob.sees(ada.name)
    await ada.page.click('button', 'Share screen')
    await bob.sees(ada.name, { isScreen: true })
    await bob.sees(ada.name)
    await ada.page.click('button', 'Share screen')
    await bob.page.waitFor(
      () => document.querySelector('video[data-source="screen"]') === null,
      null,
      {
        what: 'the screen to disappear',
      },
    )
    await bob.sees(ada.name)
  })
}

test('microphone and camera go off and on again', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  await bob.sees(ada.name)
  await bob.hears(ada.name)

  await ada.page.click('button', 'Mic')
  await expect.poll(() => bob.loudness(ada.name)).toBe(0)
  await ada.page.click('button', 'Mic')
  await bob.hears(ada.name)

  await ada.page.click('button', 'Camera')
  await bob.page.waitFor(cameraIsOff, ada.name, {
    what: `${bob.name} being told that the camera is off`,
  })
  await ada.page.click('button', 'Camera')
  await bob.sees(ada.name)
})

function cameraIsOff(name: string): boolean {
  const items = [...document.querySelectorAll('ul[aria-label="Participants"] > li')]
  return items.some(
    (item) => item.textContent.includes(name) && item.textContent.includes('camera off'),
  )
}
