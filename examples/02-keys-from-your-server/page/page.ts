/** The page of the example: a room in which messages are sealed, and the note that somebody types is not. */
import { enterRoom, logIn } from '../client.ts'
import type { Member } from '../client.ts'

const enter = find<HTMLFormElement>('#enter')
const say = find<HTMLFormElement>('#say')
const status = find('[role=status]')
const list = find('ul')

enter.addEventListener('submit', (event) => {
  event.preventDefault()
  const user = String(new FormData(enter).get('user'))
  void show(join(user))
})

async function join(user: string): Promise<void> {
  status.textContent = 'Entering the room.'
  const session = await logIn(location.origin, user)
  const sender = `${user}-${crypto.randomUUID()}`
  const member = await enterRoom({ origin: location.origin, session, room: '42', sender })
  enter.hidden = true
  say.hidden = false
  status.textContent = ''
  talk(user, member)
}

function talk(user: string, { channel }: Member): void {
  channel.on('message', ({ body }, { sender }) => addLine(`${sender?.split('-', 1)[0]}: ${body}`))
  channel.on('typing', (typing) => (status.textContent = typing ? 'Somebody is typing.' : ''))
  let isTyping = false
  const type = (now: boolean): void => {
    if (isTyping !== now) void show(channel.send('typing', now))
    isTyping = now
  }
  say.addEventListener('input', () => type(true))
  say.addEventListener('submit', (event) => {
    event.preventDefault()
    type(false)
    const body = String(new FormData(say).get('body'))
    say.reset()
    void show(channel.send('message', { body }).then(() => addLine(`${user}: ${body}`)))
  })
}

function addLine(text: string): void {
  list.append(Object.assign(document.createElement('li'), { textContent: text }))
}

/** Says what failed; the messages of this example hold no secret. */
async function show(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    status.textContent = `That did not work: ${error instanceof Error ? error.message : String(error)}.`
  }
}

function find<Found extends HTMLElement>(selector: string): Found {
  const found = document.querySelector<Found>(selector)
  if (found === null) throw new Error(`unreachable: the page has no ${selector}`)
  return found
}
