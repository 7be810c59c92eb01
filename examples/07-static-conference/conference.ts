/**
 * A conference of everyone in a room: the seed's `Sender` and `Receiver` over a NATS server, which sees opaque texts on one opaque subject.
 * No server of ours is asked for anything.
 */
import { encrypted } from '@conclave/client'
import { NatsDriver } from '@conclave/driver-nats'
import { Receiver, Sender } from '@conclave/p2p'

/** The place where people meet. */
export interface Place {
  /** The address of the WebSocket of a NATS server. */
  readonly server: string
  readonly room: string
  /** Known to all who come, and to nobody else. */
  readonly passphrase: string
}

/** A conference that was joined. */
export interface Conference {
  leave(): Promise<void>
}

/** Sends a stream to everyone in the room, and tells of the streams of the others. */
export async function join(
  { server, room, passphrase }: Place,
  {
    stream,
    shown,
    gone,
  }: {
    readonly stream: MediaStream
    readonly shown: (id: string, stream: MediaStream) => void
    readonly gone: (id: string) => void
  },
): Promise<Conference> {
  const bus = new NatsDriver({ servers: server })
  await bus.open()
  const driver = encrypted(bus, { passphrase })
  const receiver = new Receiver({ driver })
  receiver.addEventListener('stream', ({ detail }) => shown(detail.id, detail.stream))
  receiver.addEventListener('dispose', ({ detail }) => gone(detail.id))
  const sender = new Sender({ driver })
  const leave = async (): Promise<void> => {
    await Promise.all([sender.stop(), receiver.stop()])
    await driver.close()
    await bus.close()
  }
  try {
    await receiver.start({ room })
    await sender.start({ room, stream })
  } catch (error) {
    await leave()
    throw error
  }
  return { leave }
}
