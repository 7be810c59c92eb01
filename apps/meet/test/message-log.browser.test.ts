import { h, render } from 'preact'
import { afterEach, expect, test } from 'vitest'
import type { ChatMessage } from '@conclave/client'
import { type MessageRow, rowsOf } from '../src/state/chat.ts'
import '../src/styles/index.css'
import { MessageLog } from '../src/ui/message-log.tsx'

const panel = document.createElement('div')
panel.style.cssText = 'display: flex; flex-direction: column; inline-size: 360px; block-size: 600px'

afterEach(() => {
  render(null, panel)
  document.documentElement.style.fontSize = ''
  panel.style.inlineSize = '360px'
})

/** Messages of very different heights, from six people who take turns. */
const messages = (count: number, from = 0): readonly ChatMessage[] =>
  Array.from({ length: count }, (_, index) => {
    const number = from + index
    const words = 'the looms and the drawings '.repeat((number * 7919) % 23)
    const link = number % 9 === 0 ? ' https://example.org/looms' : ''
    return {
      id: `m${number}`,
      from: `p${Math.floor(number / 3) % 6}`,
      name: `Person ${Math.floor(number / 3) % 6}`,
      text: `message ${number} ${words}${link}`,
      at: 0,
      own: false,
      state: 'sent',
    } as ChatMessage
  })

const draw = async (all: readonly ChatMessage[]): Promise<void> => {
  document.body.append(panel)
  const rows: readonly MessageRow[] = rowsOf(all)
  render(h(MessageLog, { rows, isKept: false }), panel)
  await settled()
}

/** Two frames: scrolling and changes of size are noticed in the next one, and drawn then. */
const settled = async (): Promise<void> => {
  for (let frame = 0; frame < 3; frame += 1) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}

const log = (): HTMLElement => {
  const found = panel.querySelector<HTMLElement>('[role="log"]')
  if (found === null) throw new Error('expected a log')
  return found
}

const scrollTo = async (top: number): Promise<void> => {
  log().scrollTop = top
  await settled()
}

const drawn = (): readonly HTMLElement[] => [...panel.querySelectorAll<HTMLElement>('[data-row]')]

const numberOf = (row: HTMLElement): number => Number(row.dataset['row']?.slice(1))

/** The numbers of the messages in sight, from top to bottom. */
const inSight = (): readonly number[] => {
  const { top, bottom } = log().getBoundingClientRect()
  return drawn()
    .filter((row) => {
      const box = row.getBoundingClientRect()
      return box.bottom > top + 1 && box.top < bottom - 1
    })
    .map(numberOf)
}

const topOf = (number: number): number => {
  const row = panel.querySelector(`[data-row="m${number}"]`)
  if (row === null) throw new Error(`message ${number} is not drawn`)
  return row.getBoundingClientRect().top - log().getBoundingClientRect().top
}

/** Fails when a part of the window shows space that stands for messages. */
const expectFilled = (): void => {
  const { top, bottom } = log().getBoundingClientRect()
  expect(drawn()[0]?.getBoundingClientRect().top).toBeLessThanOrEqual(top + 1)
  expect(drawn().at(-1)?.getBoundingClientRect().bottom).toBeGreaterThanOrEqual(bottom - 20)
}

test('of 10,000 messages only those near the window are in the page, wherever one reads', async () => {
  await draw(messages(10_000))
  expect(inSight().at(-1)).toBe(9999)
  for (const share of [1, 0.75, 0.3, 0.01, 0]) {
    await scrollTo(share * log().scrollHeight)
    expect(drawn().length).toBeLessThan(120)
    expect(inSight().length).toBeGreaterThan(0)
  }
  expect(inSight()[0]).toBe(0)
})

test('the messages stand in their order, and each says which of how many it is', async () => {
  await draw(messages(10_000))
  await scrollTo(200_000)
  const numbers = drawn().map(numberOf)
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
  for (const row of drawn()) {
    expect(row.getAttribute('aria-posinset')).toBe(String(numberOf(row) + 1))
    expect(row.getAttribute('aria-setsize')).toBe('10000')
    expect(row.getAttribute('role')).toBe('listitem')
  }
})

test('reading upwards passes every message, without a jump and without a gap', async () => {
  await draw(messages(120))
  const seen = new Set(inSight())
  while (log().scrollTop > 0) {
    const [first = 0] = inSight()
    const before = topOf(first)
    const scrolled = Math.min(250, log().scrollTop)
    await scrollTo(log().scrollTop - scrolled)
    expect(Math.abs(topOf(first) - before - scrolled)).toBeLessThan(3)
    expectFilled()
    for (const number of inSight()) seen.add(number)
  }
  expect(seen.size).toBe(120)
})

test('the end stays in sight while messages come, and when the panel changes', async () => {
  await draw(messages(500))
  for (let count = 501; count < 510; count += 1) {
    await draw(messages(count))
    expect(inSight().at(-1)).toBe(count - 1)
  }
  panel.style.inlineSize = '240px'
  await settled()
  expect(inSight().at(-1)).toBe(508)
  document.documentElement.style.fontSize = '200%'
  await settled()
  expect(inSight().at(-1)).toBe(508)
})

test('a reader keeps the place while messages come and old ones go, in any width and size of text', async () => {
  await draw(messages(2000))
  await scrollTo(60_000)
  const [first = 0] = inSight()
  const place = topOf(first)
  const stays = (): void => {
    expect(inSight()[0]).toBe(first)
    expect(Math.abs(topOf(first) - place)).toBeLessThan(3)
    expectFilled()
  }
  await draw(messages(2100))
  stays()
  await draw(messages(2000, 100))
  stays()
  panel.style.inlineSize = '250px'
  await settled()
  expect(inSight()[0]).toBe(first)
  document.documentElement.style.fontSize = '400%'
  await settled()
  expect(inSight()[0]).toBe(first)
  expectFilled()
  document.documentElement.style.fontSize = ''
  panel.style.inlineSize = '360px'
  await settled()
  expect(inSight()[0]).toBe(first)
})

test('a pill tells a reader of new messages and leads to them', async () => {
  const pill = (): HTMLButtonElement | null => panel.querySelector('.chat-newest')
  await draw(messages(1000))
  await draw(messages(1001))
  expect(pill()).toBeNull()
  await scrollTo(1000)
  await draw(messages(1002))
  pill()?.click()
  await settled()
  expect(inSight().at(-1)).toBe(1001)
  expect(pill()).toBeNull()
  expect(document.activeElement).toBe(log())
  await scrollTo(1000)
  await draw(messages(1003))
  await scrollTo(log().scrollHeight)
  expect(pill()).toBeNull()
})

test("the person's own message leads to the end", async () => {
  await draw(messages(1000))
  await scrollTo(1000)
  const [own] = messages(1, 1000)
  if (own === undefined) throw new Error('expected a message')
  await draw([...messages(1000), { ...own, own: true }])
  expect(inSight().at(-1)).toBe(1000)
})

test('the keyboard stays in the list when the row that it is on leaves the page', async () => {
  await draw(messages(1000))
  await scrollTo(1000)
  drawn()
    .flatMap((row) => [...row.querySelectorAll('a')])[0]
    ?.focus()
  expect(document.activeElement?.localName).toBe('a')
  await scrollTo(20_000)
  expect(document.activeElement).toBe(log())
})
