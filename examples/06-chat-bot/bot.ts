/** A participant without a screen, camera or WebRTC: it knows who is there, and answers in the chat. */
import { driverTransport, Room } from '@conclave/client'
import { NatsDriver } from '@conclave/driver-nats'

/** A bot in a room. */
export interface Bot {
  readonly room: Room
  close(): Promise<void>
}

/**
 * Joins the room of a link.
 *
 * @param options.nats the address of a NATS server that carries the room; left out: the hub of the link does
 */
export async function startBot(link: string, options: { nats?: string } = {}): Promise<Bot> {
  const { nats } = options
  const driver = nats === undefined ? undefined : new NatsDriver({ servers: nats })
  await driver?.open()
  const room = await Room.join(link, {
    ...{ name: 'Bot', media: false },
    onUnreachable(hub) {
      void hub?.examine().then(({ reason, fix }) => console.error(`${reason}: ${fix}`))
    },
    ...(driver && { transport: driverTransport(driver) }),
  })
  room.on('participantJoined', ({ participant }) => console.log(`${participant.name} came`))
  room.on('participantLeft', ({ participant }) => console.log(`${participant.name} left`))
  room.on('chat', ({ message }) => {
    // Messages from before it came were not for it.
    if (message.own || message.toldBy !== undefined) return
    const answer = answerTo(message.text, room)
    if (answer !== undefined) room.chat.send(answer).catch(console.error)
  })
  return {
    room,
    async close() {
      await room.leave()
      await driver?.close()
    },
  }
}

/** No answer is a question to another bot: none begins with `!`. */
function answerTo(text: string, room: Room): string | undefined {
  const [command, ...words] = text.split(' ')
  switch (command) {
    case '!help':
      return 'I know !who, which says who is here, and !echo, which says it again.'
    case '!who': {
      const names = [...room.participants.values()].map(({ name }) => name)
      return `Here are ${['I', ...names].join(', ')}.`
    }
    case '!echo':
      return `You said: ${words.join(' ')}`
    default:
      return undefined
  }
}
