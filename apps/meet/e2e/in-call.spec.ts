/** The page of a call in small and changing windows, with long names, and when somebody presses Back. */
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'

test('the chat opens with the first message and never hides the call in a window that changes', async ({
  hub,
  meet,
}) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.page.setViewport(1280, 800)
  await ada.join(link)
  await ada.page.see('button', 'Chat')
  await bob.join(link)
  await bob.say('good morning to you')
  await ada.page.see('log', 'Chat')
  // Zoom of 100, 150, 200 and 400 %, a narrow window, and a tablet that turns.
  for (const [width, height] of [
    [853, 533],
    [640, 400],
    [320, 200],
    [950, 768],
    [744, 1133],
    [1133, 744],
    [1280, 800],
  ] as const) {
    await ada.page.setViewport(width, height)
    await ada.page.waitFor(seesCall, null, { what: `the call at ${width} by ${height}` })
  }
  await ada.page.see('log', 'Chat')
})

test('a message that comes while the chat is closed is shown, and a click opens the chat', async ({
  hub,
  meet,
}) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.page.setViewport(390, 844)
  await ada.join(link)
  await bob.join(link)
  await bob.say('can you see this')
  await ada.page.see('button', `${bob.name} can you see this`)
  await ada.page.waitFor(seesCall, null)
  await ada.page.click('button', `${bob.name} can you see this`)
  await ada.reads('can you see this')
})

test('a reader who has scrolled up is told of new messages', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  for (let index = 0; index < 12; index += 1) await ada.say(`line ${index}\n\n\nof many`)
  await bob.reads('line 11')
  await ada.page.evaluate(() => document.querySelector('[role="log"]')?.scrollTo({ top: 0 }), null)
  await bob.say('the newest of all')
  await ada.page.click('button', 'New messages')
  await ada.page.waitFor(isAtEnd, null)
  await ada.page.waitFor(
    () =>
      [...document.querySelectorAll('button')].every((each) => each.textContent !== 'New messages'),
    null,
  )
})

test('a long name keeps the messages of that person whole', async ({ hub, meet }) => {
  const name = 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft'
  const ada = await meet('Ada-Kingfisher')
  const long = await meet(name)
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await long.join(link)
  await long.say(`an ordinary sentence that everybody should be able to read ${'m'.repeat(300)}`)
  await ada.reads('an ordinary sentence')
  for (const [width, height] of [
    [1280, 800],
    [390, 844],
    [320, 568],
  ] as const) {
    await ada.page.setViewport(width, height)
    // Where the chat no longer has a place beside the call, it closes first.
    if (width === 390) await ada.page.see('button', 'Chat')
    await ada.openChat()
    await ada.page.waitFor(fitsChat, null, { what: `all words inside of the chat at ${width}` })
    expect(await ada.page.evaluate(() => document.body.scrollWidth <= innerWidth, null)).toBe(true)
  }
})

test('nobody looks like somebody else', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  const eve = await meet('Ada-Kingfisher\u200B')
  await eve.join(link)
  const guest = await meet('\u202E\u2060')
  await guest.page.goto(link)
  await guest.page.fill('Your name', guest.name)
  await guest.page.click('button', 'Join')
  await ada.isWith(['Ada-Kingfisher 2', 'Guest'])
  expect((await ada.pictures()).filter(({ isOwn }) => isOwn).map(({ name }) => name)).toEqual([
    'Ada-Kingfisher',
  ])
})

test('Back closes the chat that covers a call, then asks, and only then leaves', async ({
  hub,
  meet,
}) => {
  const ada = await meet('Ada-Kingfisher')
  const { page } = ada
  const link = await ada.makeRoom(hub.origin)
  await page.setViewport(390, 844)
  await ada.join(link)
  await ada.openChat()
  await goBack(page)
  await page.waitFor(() => document.querySelector('[role="log"]') === null, null)
  await goBack(page)
  await page.see('dialog', 'Leave the call?')
  await page.click('button', 'Stay')
  await ada.inCall()
  await goBack(page)
  await page.click('button', 'Leave the call')
  await page.see('button', 'Rejoin')
  expect(page.url()).toBe(link)
  await page.evaluate(() => history.forward(), null)
  await page.see('button', 'Rejoin')
  await page.click('button', 'Rejoin')
  await ada.inCall()
  await page.reload()
  await ada.inCall()
  await goBack(page)
  await page.see('dialog', 'Leave the call?')
})

test('another tab of the same browser learns that the call is open, and can take it over', async ({
  hub,
  meet,
}) => {
  const ada = await meet('Ada-Kingfisher')
  const link = await ada.makeRoom(hub.origin)
  await ada.page.evaluate(pretendTab, 'here')
  await ada.page.see('button', 'Move the call to this tab')
  await ada.page.evaluate(pretendTab, 'gone')
  await ada.page.waitFor(() => !document.body.innerText.includes('in another tab'), null)
  await ada.join(link)
  expect(await ada.page.evaluate(pretendTab, 'who')).toBe('here')
  await ada.page.evaluate(pretendTab, 'take')
  await ada.page.see('heading', 'You are in this call in another tab')
})

test('notices lie on no face, name, message or control', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  await ada.isWith([bob.name])
  for (const { width, height, chat } of [
    { width: 1280, height: 800, chat: 'open' },
    { width: 390, height: 844, chat: 'closed' },
    { width: 390, height: 844, chat: 'open' },
    { width: 320, height: 256, chat: 'open' },
  ] as const) {
    await ada.page.setViewport(width, height)
    await ada.page.see('button', 'Copy link')
    await ada.page.click('button', 'Copy link')
    if (chat === 'open') await ada.openChat()
    await ada.page.waitFor(noticesAreApart, null, {
      what: `a place for notices at ${width}, chat ${chat}`,
    })
    if (chat === 'open') await ada.page.click('button', 'Close chat')
  }
})

const goBack = (page: Page): Promise<void> => page.evaluate(() => history.back(), null)

// The functions below run in the page and must not refer to anything outside of themselves.

/** Speaks as another tab of this browser would, and resolves to the first answer within a moment. */
async function pretendTab(word: string): Promise<unknown> {
  const room = location.pathname.split('/')[2] ?? ''
  const channel = new BroadcastChannel(`conclave.room.${room}`)
  const answer = new Promise((resolve) => {
    channel.addEventListener('message', ({ data }) => resolve(data))
    setTimeout(resolve, 1000)
  })
  channel.postMessage(word)
  const heard = await answer
  channel.close()
  return heard
}

function seesCall(): boolean {
  const list = document.querySelector('ul[aria-label="Participants"]')
  if (list === null) return false
  const { width, height } = list.getBoundingClientRect()
  const middle = document.elementFromPoint(
    list.getBoundingClientRect().left + width / 2,
    list.getBoundingClientRect().top + height / 2,
  )
  return (
    getComputedStyle(list).visibility === 'visible' &&
    width > 0 &&
    height > 0 &&
    middle?.closest('.chat') === null
  )
}

function isAtEnd(): boolean {
  const log = document.querySelector('[role="log"]')
  return log !== null && log.scrollHeight - log.scrollTop - log.clientHeight < 60
}

function fitsChat(): boolean {
  const log = document.querySelector('[role="log"]')
  const bubbles = [...document.querySelectorAll('.message-bubble, .message-meta')]
  const end = log?.getBoundingClientRect().right ?? 0
  return bubbles.length > 0 && bubbles.every((each) => each.getBoundingClientRect().right <= end)
}

function noticesAreApart(): boolean {
  const notices = [...document.querySelectorAll('.notice')].map((each) =>
    each.getBoundingClientRect(),
  )
  const others = [...document.querySelectorAll('.tile, .invitation, .chat, button')].map((each) =>
    each.getBoundingClientRect(),
  )
  return (
    notices.some(({ width }) => width > 0) &&
    notices.every((a) =>
      others.every(
        (b) => a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left,
      ),
    )
  )
}
