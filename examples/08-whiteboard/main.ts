/** The page. Its address is the link of its room. */
import { createRoomLink, Room } from '@conclave/client'
import { type Whiteboard, whiteboard } from './whiteboard.ts'

const find = <T extends Element>(selector: string): T => {
  const element = document.querySelector<T>(selector)
  if (element === null) throw new Error(`no ${selector}`)
  return element
}
const form = find<HTMLFormElement>('form')
const main = find<HTMLElement>('main')
const status = find<HTMLOutputElement>('output')
const width = find<HTMLInputElement>('input[type="range"]')
const INKS = ['Ink', 'Red', 'Blue', 'Green', 'Orange', 'Purple']

const enter = async (): Promise<void> => {
  const isLink = location.pathname.includes('/r/')
  const link = isLink ? location.href : await createRoomLink(location.href)
  const room = await Room.join(link, { name: find<HTMLInputElement>('input[name="name"]').value })
  history.replaceState(null, '', link)
  form.hidden = true
  main.hidden = false
  const board = await whiteboard(room, find('canvas'))
  for (const [ink, name] of INKS.entries()) addInk(ink, name, board)
  width.addEventListener('input', () => {
    board.width = width.valueAsNumber
  })
  on('undo', () => board.undo())
  on('clear', () => board.clear())
  on('invite', () => {
    navigator.clipboard.writeText(link).then(
      () => show('The link is copied.'),
      () => show('Copy the address of this page: it is the link.'),
    )
  })
  const showPeople = (): void => {
    const names = Array.from(room.participants.values(), ({ name }) => name || 'Somebody')
    show(names.length === 0 ? 'Nobody else is here.' : `With you: ${names.join(', ')}`)
  }
  showPeople()
  room.on('participantJoined', showPeople)
  room.on('participantLeft', showPeople)
  addEventListener('pagehide', () => room.leaveNow())
  void room.closed.then(({ reason }) => show(`The room ended: ${reason}`))
}

const addInk = (ink: number, name: string, board: Whiteboard): void => {
  const radio = document.createElement('input')
  Object.assign(radio, { type: 'radio', name: 'ink', ariaLabel: name, checked: ink === board.ink })
  radio.dataset['ink'] = String(ink)
  radio.addEventListener('change', () => {
    board.ink = ink
  })
  find('fieldset').append(radio)
}

const on = (name: string, act: () => void): void =>
  find(`button[name="${name}"]`).addEventListener('click', act)

/** Names are text of somebody else: text they stay. */
const show = (text: string): void => {
  status.value = text
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  show('Joining …')
  enter().catch((error: unknown) => show(error instanceof Error ? error.message : String(error)))
})
