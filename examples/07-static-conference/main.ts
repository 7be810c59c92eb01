/** The page. A link fills in its form. */
import { generatePassphrase } from '@conclave/e2ee/passphrase'
import { join, type Conference } from './conference.ts'

const find = <T extends Element>(selector: string): T => {
  const element = document.querySelector<T>(selector)
  if (element === null) throw new Error(`no ${selector}`)
  return element
}
const form = find<HTMLFormElement>('form')
const status = find<HTMLOutputElement>('output')
const inside = find<HTMLParagraphElement>('p')
const link = find<HTMLAnchorElement>('a')
const people = find<HTMLUListElement>('ul')
const tiles = new Map<string, HTMLVideoElement>()
let conference: Conference | undefined

const given = new URLSearchParams(location.hash.slice(1))
const field = (name: string): HTMLInputElement => find(`input[name="${name}"]`)
for (const name of ['server', 'room', 'passphrase']) {
  const value = given.get(name)
  if (value !== null) field(name).value = value
}
if (field('passphrase').value === '') field('passphrase').value = generatePassphrase()

const show = (id: string, stream: MediaStream, isOwn = false): void => {
  const video = tiles.get(id) ?? document.createElement('video')
  Object.assign(video, { autoplay: true, playsInline: true, muted: isOwn, srcObject: stream })
  if (tiles.has(id)) return
  tiles.set(id, video)
  const item = document.createElement('li')
  item.append(video)
  people.append(item)
}

const hide = (id: string): void => {
  tiles.get(id)?.parentElement?.remove()
  tiles.delete(id)
}

const enter = async (): Promise<void> => {
  const place = {
    server: field('server').value,
    room: field('room').value,
    passphrase: field('passphrase').value,
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
  show('self', stream, true)
  conference = await join(place, { stream, shown: show, gone: hide })
  link.href = `#${new URLSearchParams(place).toString()}`
}

const leave = async (): Promise<void> => {
  await conference?.leave()
  conference = undefined
  const own = tiles.get('self')?.srcObject
  if (own instanceof MediaStream) for (const track of own.getTracks()) track.stop()
  for (const id of [...tiles.keys()]) hide(id)
}

const showState = (isInside: boolean, text: string): void => {
  form.hidden = isInside
  inside.hidden = !isInside
  status.value = text
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  showState(true, 'Joining …')
  enter().then(
    () => showState(true, 'You are in.'),
    async (error: unknown) => {
      await leave()
      showState(false, error instanceof Error ? error.message : String(error))
    },
  )
})
find('p button').addEventListener('click', () => {
  void leave().then(() => showState(false, 'You left.'))
})
