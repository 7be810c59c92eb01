/** React's StrictMode runs each effect, its cleanup and the effect again: a room is joined, left and joined. */
import { VirtualClock } from '@conclave/base/testing'
import { createElement, StrictMode, useEffect, useState, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room, RoomOptions } from '../../src/index.ts'
import { localRoom } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>
let clocks: VirtualClock[]
let ends: Promise<unknown>[]

beforeEach(async () => {
  place = await localRoom()
  clocks = []
  ends = []
})

afterEach(() => place.leave())

const joinAlice = async (options: RoomOptions = {}): Promise<Room> => {
  const clock = new VirtualClock()
  clocks.push(clock)
  const room = await place.join('Alice', { clock, ...options })
  ends.push(room.closed)
  return room
}

/** The effect of an application, by how its cleanup ends the session. */
const effects = {
  'leaves the room that it joined': (show: (room: Room) => void) => {
    const joining = joinAlice()
    void joining.then(show)
    return () => void joining.then((room) => room.leave())
  },
  'aborts the join': (show: (room: Room) => void) => {
    const abort = new AbortController()
    const joining = joinAlice({ signal: abort.signal })
    joining.then(show, () => {})
    return () => {
      abort.abort()
      joining.then(
        (room) => room.leave(),
        () => {},
      )
    }
  },
}

for (const [name, effect] of Object.entries(effects)) {
  test(`[R24] in StrictMode an effect that ${name} joins once and leaves nothing behind`, async () => {
    const bob = await place.join('Bob')
    const host = document.createElement('div')
    const tree = createRoot(host)
    tree.render(createElement(StrictMode, undefined, createElement(Call, { effect })))
    await expect.poll(() => host.textContent).toBe('connected: Bob')
    await expect.poll(() => [...bob.participants.values()].map((p) => p.name)).toEqual(['Alice'])
    expect(clocks).toHaveLength(2)

    await bob.chat.send('hello')
    await expect.poll(() => host.textContent).toBe('connected: Bob hello')

    tree.unmount()
    await expect.poll(() => bob.participants.size).toBe(0)
    await Promise.all(ends)
    expect(clocks.map((clock) => clock.pending)).toEqual([0, 0])
  })
}

function Call({
  effect,
}: {
  readonly effect: (show: (room: Room) => void) => () => void
}): ReactNode {
  const [room, setRoom] = useState<Room>()
  useEffect(() => {
    let isShown = true
    const end = effect((joined) => {
      if (isShown) setRoom(joined)
    })
    return () => {
      isShown = false
      end()
    }
  }, [effect])
  return room === undefined ? 'joining' : createElement(State, { room })
}

function State({ room }: { readonly room: Room }): ReactNode {
  const { state, participants, messages } = useSyncExternalStore(
    room.subscribe,
    () => room.snapshot,
  )
  const names = [...participants.values()].map((participant) => participant.name)
  return [`${state}:`, ...names, ...messages.map(({ text }) => text)].join(' ')
}
