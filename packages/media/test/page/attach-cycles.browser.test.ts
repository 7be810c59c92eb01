/** Connections that are made and closed again and again leave nothing behind; `npm run bench -- soak` is the long form. */
import { expect, onTestFinished, test } from 'vitest'
import { connect, createSide, framesDecoded } from '../support/call.ts'
import { watchHeld } from '../support/held-resources.ts'

test('[M18, M21] 60 connections beside a call leave no listener, no track and no worker, and the call goes on', async () => {
  const held = watchHeld()
  const [from, to] = [createSide(), createSide()]
  const call = await connect({ from, to })
  onTestFinished(async () => {
    call.close()
    await Promise.all([from.crypto.close(), to.crypto.close()])
  })
  await call.isProtected
  await call.startTracks()
  await expect.poll(() => framesDecoded(call)).toBeGreaterThan(0)
  const cycle = async (): Promise<void> => {
    const other = await connect({ from, to })
    await other.isProtected
    other.close()
  }
  await cycle()
  const before = { listeners: held.listeners(), workers: held.workers() }
  expect(before.workers).toBe(2)
  for (let i = 0; i < 60; i += 1) await cycle()
  await expect
    .poll(() => ({ listeners: held.listeners(), workers: held.workers() }))
    .toEqual(before)
  for (const { crypto } of [from, to]) {
    // A released connection leaves its worker a moment later.
    await expect.poll(async () => (await crypto.stats()).tracks.length).toBe(2)
  }
  const decoded = await framesDecoded(call)
  await expect.poll(() => framesDecoded(call)).toBeGreaterThan(decoded)
})

test('[M18] 20 sides that are made and closed leave no listener and no worker', async () => {
  const held = watchHeld()
  const cycle = async (): Promise<void> => {
    const [from, to] = [createSide(), createSide()]
    const call = await connect({ from, to })
    await call.isProtected
    call.close()
    await Promise.all([from.crypto.close(), to.crypto.close()])
  }
  await cycle()
  const before = held.listeners()
  for (let i = 0; i < 20; i += 1) await cycle()
  await expect.poll(() => held.workers()).toBe(0)
  await expect.poll(() => held.listeners()).toBe(before)
})
