/** The page of a call in small and changing windows, with long names, and when somebody presses Back. */
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'

test('the chat opens with the first message and never hides the call in a window that changes', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.page.setViewport(1280, 800)
  await alice.join(link)
  await alice.page.see('button', 'Chat')
  await bob.join(link)
  await bob.say('good morning to you')
  await alice.page.see('log', 'Chat')
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
    await alice.page.setViewport(width, height)
    await alice.page.waitFor(seesCall, null, { what: `the call at ${width} by ${height}` })
  }
  await alice.page.see('log', 'Chat')
})

test('a message that comes while the chat is closed is shown, and a click opens the chat', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.page.setViewport(390, 844)
  await alice.join(link)
  await bob.join(link)
  await bob.say('can you see this')
  await alice.page.see('button', `${bob.name} can you see this`)
  await alice.page.waitFor(seesCall, null)
  await alice.page.click('button', `${bob.name} can you see this`)
  await alice.reads('can you see this')
})

test('a reader who has scrolled up is told of new messages', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  for (let index = 0; index < 12; index += 1) await alice.say(`line ${index}\n\n\nof many`)
  await bob.reads('line 11')
  await alice.page.evaluate(
    () => document.querySelector('[role="log"]')?.scrollTo({ top: 0 }),
    null,
  )
  await bob.say('the newest of all')
  await alice.page.click('button', 'New messages')
  await alice.page.waitFor(isAtEnd, null)
  await alice.page.waitFor(
    () =>
      [...document.querySelectorAll('button')].every((each) => each.textContent !== 'New messages'),
    null,
  )
})

test('a long name keeps the messages of that person whole', async ({ hub, meet }) => {
  const name = 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft'
  const alice = await meet('Alice-Kingfisher')
  const long = await meet(name)
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await long.join(link)
  await long.say(`an ordinary sentence that everybody should be able to read ${'m'.repeat(300)}`)
  await alice.reads('an ordinary sentence')
  for (const [width, height] of [
    [1280, 800],
    [390, 844],
    [320, 568],
  ] as const) {
    await alice.page.setViewport(width, height)
    // Where the chat no longer has a place beside the call, it closes first.
    if (width === 390) await alice.page.see('button', 'Chat')
    await alice.openChat()
    await alice.page.waitFor(fitsChat, null, { what: `all words inside of the chat at ${width}` })
    expect(await alice.page.evaluate(() => document.body.scrollWidth <= innerWidth, null)).toBe(
      true,
    )
  }
})

test('nobody looks like somebody else', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  const double = await meet('Alice-Kingfisher\u200B')
  await double.join(link)
  const guest = await meet('\u202E\u2060')
  await guest.page.goto(link)
  await guest.page.fill('Your name', guest.name)
  await guest.page.click('button', 'Join')
  await alice.isWith(['Alice-Kingfisher 2', 'Guest'])
  expect((await alice.pictures()).filter(({ isOwn }) => isOwn).map(({ name }) => name)).toEqual([
    'Alice-Kingfisher',
  ])
})

test('Back closes the chat that covers a call, then asks, and only then leaves', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const { page } = alice
  const link = await alice.makeRoom(hub.origin)
  await page.setViewport(390, 844)
  await alice.join(link)
  await alice.openChat()
  await goBack(page)
  await page.waitFor(() => document.querySelector('[role="log"]') === null, null)
  await goBack(page)
  await page.see('dialog', 'Leave the call?')
  await page.click('button', 'Stay')
  await alice.inCall()
  await goBack(page)
  await page.click('button', 'Leave the call')
  await page.see('button', 'Rejoin')
  expect(page.url()).toBe(link)
  await page.evaluate(() => history.forward(), null)
  await page.see('button', 'Rejoin')
  await page.click('button', 'Rejoin')
  await alice.inCall()
  await page.reload()
  await alice.inCall()
  await goBack(page)
  await page.see('dialog', 'Leave the call?')
})

test('another tab of the same browser learns that the call is open, and can take it over', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  await alice.page.evaluate(pretendTab, 'here')
  await alice.page.see('button', 'Move the call to this tab')
  await alice.page.evaluate(pretendTab, 'gone')
  await alice.page.waitFor(() => !document.body.innerText.includes('in another tab'), null)
  await alice.join(link)
  expect(await alice.page.evaluate(pretendTab, 'who')).toBe('here')
  await alice.page.evaluate(pretendTab, 'take')
  await alice.page.see('heading', 'You are in this call in another tab')
})

test('notices lie on no face, name, message or control', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  for (const { width, height, chat } of [
    { width: 1280, height: 800, chat: 'open' },
    { width: 390, height: 844, chat: 'closed' },
    { width: 390, height: 844, chat: 'open' },
    { width: 320, height: 256, chat: 'open' },
  ] as const) {
    await alice.page.setViewport(width, height)
    await alice.page.see('button', 'Copy link')
    await alice.page.click('button', 'Copy link')
    if (chat === 'open') await alice.openChat()
    await alice.page.waitFor(noticesAreApart, null, {
      what: `a place for notices at ${width}, chat ${chat}`,
    })
    if (chat === 'open') await alice.page.click('button', 'Close chat')
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

test('the details of the encryption say what holds in the room, and because of what', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  await alice.join(await alice.makeRoom(hub.origin))
  await alice.page.click('button', 'End-to-end encrypted')
  for (const said of [
    'yes: each person’s comes over a connection with that person',
    'no: the link is all that it takes',
  ]) {
    await alice.page.waitFor(
      (text) => document.querySelector('#protection:popover-open')?.textContent.includes(text),
      said,
    )
  }
})
