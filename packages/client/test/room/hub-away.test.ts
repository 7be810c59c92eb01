import { expect, test } from 'vitest'
import type { ChatMessage } from '../../src/index.ts'
import { haveMet, localRoom } from '../support.ts'

test('[R5, R31, R187] of 3,000 messages that are written while the hub is away each is delivered or refused', async () => {
  const place = await localRoom()
  const transports: ReturnType<typeof place.hub.transport>[] = []
  const transport = (self: Parameters<typeof place.hub.transport>[0]) => {
    const made = place.hub.transport(self)
    transports.push(made)
    return made
  }
  const alice = await place.join('Alice', { transport })
  const bob = await place.join('Bob', { transport })
  await haveMet([alice, bob])
  // The messages of a room code take places in the log too.
  for (const room of [alice, bob]) {
    await expect.poll(() => room.snapshot.code.state, { timeout: 10_000 }).toBe('ready')
  }
  place.hub.kill()
  const refused = new Set<string>()
  const codes = new Set<string>()
  const failed: ChatMessage[] = []
  alice.on('chat', ({ message }) => message.state === 'failed' && failed.push(message))
  const texts = Array.from({ length: 3000 }, (_, n) => `message ${n}`)
  await Promise.all(
    texts.map((text) =>
      alice.chat.send(text).catch((error: { code: string }) => {
        codes.add(error.code)
        refused.add(text)
      }),
    ),
  )
  expect([...codes]).toEqual(['ERR_CLIENT_OVERFLOW'])
  place.hub.restart(transports)
  const kept = texts.filter((text) => !refused.has(text))
  await expect.poll(() => bob.chat.messages.length, { timeout: 20_000 }).toBe(kept.length)
  expect(kept.length).toBeGreaterThanOrEqual(960)
  expect(bob.chat.messages.map(({ text }) => text)).toEqual(kept)
  await expect.poll(() => alice.chat.messages.every(({ state }) => state === 'sent')).toBe(true)
  expect(alice.chat.messages).toHaveLength(kept.length)
  expect(failed).toHaveLength(refused.size)
  expect((await bob.stats()).dropped['lost']).toBeUndefined()
  await place.leave()
}, 30_000)
