import type { IncomingMessage } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTestRoom } from '@conclave/server/testing'
import { afterEach, expect, test } from 'vitest'
import { SocketClient, start, stopAll } from './sockets.ts'

afterEach(stopAll)

test('[H62] nothing of the request by which a connection came is kept', async () => {
  const requests: WeakRef<IncomingMessage>[] = []
  const { url } = await start(
    {},
    {
      beforeListen: (server) =>
        server.on('upgrade', (request) => void requests.push(new WeakRef(request))),
    },
  )
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  // A reference that was looked at is kept until its turn of the event loop is over.
  for (let turns = 0; turns < 20 && requests.some((request) => request.deref()); turns += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  expect(requests.map((request) => request.deref())).toEqual([undefined, undefined])
  alice.publish(new Uint8Array([1]))
  await bob.until(() => bob.frames[0])
})
