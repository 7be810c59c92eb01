import { createElement, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { localRoom } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>
let renders: Record<string, number>

beforeEach(async () => {
  place = await localRoom()
  renders = {}
})

afterEach(() => place.leave())

test('[R24] useSyncExternalStore renders after each change and never without one', async () => {
  const alice = await place.join('Alice')
  const host = document.createElement('div')
  const tree = createRoot(host)
  tree.render(
    createElement('main', undefined, [
      createElement(People, { key: 'people', room: alice }),
      createElement(Messages, { key: 'messages', room: alice }),
      createElement(Own, { key: 'own', room: alice }),
    ]),
  )
  await expect.poll(() => host.textContent).toBe('people: messages: own:Alice connected')
  expect(renders).toEqual({ people: 1, messages: 1, own: 1 })

  const bob = await place.join('Bob')
  await expect.poll(() => host.textContent).toBe('people:Bob messages: own:Alice connected')
  expect(renders).toEqual({ people: 2, messages: 1, own: 1 })

  await expect.poll(() => bob.participants.size).toBe(1)
  await bob.chat.send('hello')
  await expect.poll(() => host.textContent).toBe('people:Bob messages:hello own:Alice connected')
  expect(renders).toEqual({ people: 2, messages: 2, own: 1 })

  alice.setName('Alice L.')
  await expect.poll(() => host.textContent).toBe('people:Bob messages:hello own:Alice L. connected')
  expect(renders).toEqual({ people: 2, messages: 2, own: 2 })
  tree.unmount()
})

function People({ room }: { readonly room: Room }): ReactNode {
  const participants = useSyncExternalStore(room.subscribe, () => room.snapshot.participants)
  return line('people', [...participants.values()].map(({ name }) => name).join())
}

function Messages({ room }: { readonly room: Room }): ReactNode {
  const messages = useSyncExternalStore(room.subscribe, () => room.chat.messages)
  return line('messages', messages.map(({ text }) => text).join())
}

function Own({ room }: { readonly room: Room }): ReactNode {
  const self = useSyncExternalStore(room.subscribe, () => room.self)
  const state = useSyncExternalStore(room.subscribe, () => room.state)
  return line('own', `${self.name} ${state}`)
}

const line = (part: string, text: string): string => {
  renders[part] = (renders[part] ?? 0) + 1
  const end = part === 'own' ? '' : ' '
  return `${part}:${text}${end}`
}
