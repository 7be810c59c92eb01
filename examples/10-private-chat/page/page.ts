/** The page of the example: a chat in a private channel, and who is there in a presence channel. */
import { connectHub } from '@conclave/client/channels'
import {
  decryptChatJson,
  encryptChatJson,
  exportAesGcmKeyToBase64,
  generateAesGcmKey,
  importAesGcmKeyFromBase64,
} from '@conclave/e2ee'
import type { JsonEnvelope } from '@conclave/e2ee'

const enter = find<HTMLFormElement>('#enter')
const say = find<HTMLFormElement>('#say')
const status = find('[role=status]')

enter.addEventListener('submit', (event) => {
  event.preventDefault()
  void show(join(String(new FormData(enter).get('user'))))
})

async function join(user: string): Promise<void> {
  const response = await fetch('/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user }),
  })
  if (!response.ok) throw new Error('your server did not let you in')
  const chatKey = await keyOfInvitation()

  // No token: the hub asks your server, which knows the cookie of the session.
  const url = `${location.origin.replace(/^http/, 'ws')}/realtime/hub`
  const hub = connectHub({ url, authorize: () => undefined })
  const sender = `${user}-${crypto.randomUUID()}`
  const sealing = { keys: chatKey, keyId: 'chat-42', sender }
  const chat = hub.channel<ChatEvents>('private-chat-42', sealing)
  const lobby = hub.channel('presence-chat-42', { ...sealing, info: { name: user } })
  void chat.closed.then((reason) => {
    say.hidden = true
    status.textContent =
      reason === 'denied' ? 'You are no member of this chat.' : `You were put out: ${reason}.`
  })
  chat.on('message', ({ messageId, envelope }) => {
    void show(
      decryptChatJson(envelope, chatKey, { roomId: 'chat-42', messageId }).then((message) => {
        const { body, sender_id } = message as Message
        addLine(`${sender_id}: ${body}`)
      }),
    )
  })
  chat.on('typing', (name) => (status.textContent = `${name} is typing.`))
  lobby.on('memberCount', ({ list = [] }) => {
    // Only what opens is shown: the name that a member sealed, not the one that the hub tells.
    const names = list.flatMap(({ info }) => (hasName(info) ? [info.name] : []))
    find('#members').textContent = names.toSorted((a, b) => a.localeCompare(b)).join(', ')
  })
  await chat.opened
  enter.hidden = true
  say.hidden = false

  say.addEventListener('input', () => void show(chat.signal('typing', user)))
  say.addEventListener('submit', (event) => {
    event.preventDefault()
    const message: Message = { body: String(new FormData(say).get('body')), sender_id: user }
    say.reset()
    const messageId = crypto.randomUUID()
    const context = { roomId: 'chat-42', messageId, keyId: 'chat-42', keyVersion: 1 }
    const sent = encryptChatJson(message, chatKey, context).then((envelope) =>
      // The envelope is what you give your server for the history, too: it cannot read it.
      chat.send('message', { messageId, envelope }),
    )
    void show(sent.then(() => addLine(`${user}: ${message.body}`)))
  })
}

/** The key of the chat: out of the link's fragment, which browsers never send, or a new one that goes there. */
async function keyOfInvitation(): Promise<CryptoKey> {
  if (location.hash.length < 2) {
    const made = await generateAesGcmKey()
    location.hash = encodeURIComponent(await exportAesGcmKeyToBase64(made))
  }
  find('#invitation').textContent = location.href
  return importAesGcmKeyFromBase64(decodeURIComponent(location.hash.slice(1)))
}

/** The content of an envelope. */
interface Message {
  readonly body: string
  readonly sender_id: string
}

interface ChatEvents {
  readonly message: { readonly messageId: string; readonly envelope: JsonEnvelope }
  readonly typing: string
}

const hasName = (info: unknown): info is { readonly name: string } =>
  typeof (info as { readonly name?: unknown } | undefined)?.name === 'string'

function addLine(text: string): void {
  find('ul').append(Object.assign(document.createElement('li'), { textContent: text }))
}

/** Says what failed; the messages of this example hold no secret. */
async function show(work: Promise<unknown>): Promise<void> {
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
