import { encodeBase64Url } from '@conclave/base'
import type { Hub } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { encodeMessage } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createTestHub } from '../support.ts'
import { createApp, createClaims, createKey, signToken } from './tokens.ts'

/** A connection whose bytes are looked at as they are. */
function listen(hub: Hub): { say: (message: object) => Promise<string>; nonce: string } {
  const sent: (string | Uint8Array)[] = []
  const ignore = (): void => {}
  const connection = hub.connect({
    ...{ bufferedBytes: 0, leftBytes: 0, send: (data) => void sent.push(data) },
    ...{ ping: ignore, pause: ignore, resume: ignore, close: ignore, terminate: ignore },
  })
  const { nonce } = JSON.parse(String(sent.pop())) as { readonly nonce: string }
  const say = async (message: object): Promise<string> => {
    await connection.receive(encodeMessage(message as never))
    return String(sent.splice(0))
  }
  return { say, nonce }
}

test('[G55] a request for a channel that exists and one for a channel that does not have the same answer', async () => {
  const { app, keys } = await createApp()
  const key = keys[0] ?? (await createKey('HS256'))
  const { hub, clock } = createTestHub({ apps: [app] })
  const bob = new MemoryClient(hub)
  const cnx = encodeBase64Url(bob.nonce)
  const bobs = createClaims({ cnx, ch: [{ name: 'private-*', rights: ['subscribe'] }] })
  expect(await bob.subscribe('private-exists', { token: await signToken(key, bobs) })).toBeDefined()

  const { say, nonce } = listen(hub)
  const ch = [{ name: 'private-mine', rights: ['subscribe'] }]
  const own = await signToken(key, createClaims({ cnx: nonce, sub: 'mallory', ch }))
  const wants = ['subscribe']
  const ask = (
    id: number,
    to: { readonly channel: string; readonly token: string },
  ): Promise<string> => say({ type: 'subscribe', id, wants, info: '', ...to })
  expect(await ask(99, { channel: 'private-mine', token: own })).toContain('"subscribed"')
  for (const [id, token] of ['', 'mine', 'a.b.c', `t.${'A'.repeat(43)}`, own].entries()) {
    for (const channel of ['private-exists', 'private-absent', 'presence-absent']) {
      expect(await ask(id, { channel, token })).toBe(`{"type":"denied","id":${id}}`)
      clock.advance(200)
    }
  }
})
