import { connect } from 'node:net'
import { createTestRoom } from '@conclave/server/testing'
import { encodeMessage } from '@conclave/wire'
import { afterEach, expect, test, vi } from 'vitest'
import { bytes } from '../support.ts'
import { maskedText, SocketClient, start, stopAll, upgradeRequest } from './sockets.ts'

// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

test('[H18, H19] two clients in a room: the hub writes who sent a message', async () => {
  const { url } = await start()
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  expect(await alice.heard('participantJoined')).toMatchObject({ participant: bob.participant })
  alice.publish(bytes('sealed'))
  const deliver = await bob.until(() => bob.frames[0])
  expect(deliver).toMatchObject({
    type: 'deliver',
    channel: alice.channel,
    position: 1n,
    from: alice.participant,
    payload: bytes('sealed'),
  })
  const ack = await alice.until(() => alice.frames[0])
  expect(ack).toMatchObject({ type: 'ack', position: 1n })
  bob.publish(bytes('back'), alice.participant)
  expect(await alice.until(() => alice.frames[1])).toMatchObject({
    from: bob.participant,
    payload: bytes('back'),
  })
  bob.socket.close(1000)
  expect(await alice.heard('participantLeft')).toMatchObject({
    participant: bob.participant,
    reason: 'left',
  })
})

test('[H1, H2, H3, H4] the door over real sockets', async () => {
  const { url, port } = await start()
  const status = (options: object, target = url): Promise<number> =>
    new SocketClient(target, options).ended
  expect(await status({ origin: 'http://evil.example' })).toBe(403)
  expect(await status({ origin: `https://127.0.0.1:${port}` })).toBe(403)
  expect(await status({ origin: `http://127.0.0.1:${port + 1}` })).toBe(403)
  expect(await status({ origin: `http://127.0.0.1:${port}.evil.example` })).toBe(403)
  expect(await status({ origin: 'null' })).toBe(403)
  expect(await status({ origin: undefined })).toBe(403)
  expect(await status({ headers: { host: 'evil.example' } })).toBe(403)
  expect(await status({ protocol: '' })).toBe(400)
  expect(await status({ protocol: 'conclave.v2' })).toBe(400)
  expect(await status({}, `${url}?token=1`)).toBe(404)
  expect(await status({}, url.replace('/hub', '/'))).toBe(404)
  const localhost = new SocketClient(url, { origin: `http://localhost:${port}` })
  expect(await localhost.heard('challenge')).toBeDefined()
})

test('[H5] no compression is negotiated, and the subprotocol is answered', async () => {
  const { url } = await start()
  const client = new SocketClient(url, { perMessageDeflate: true })
  await client.heard('challenge')
  expect(client.socket.extensions).toBe('')
  expect(client.socket.protocol).toBe('conclave.v1')
})

test('[H9] a wrong key, a replayed proof and a wrong host all end with 4401', async () => {
  const { url, port } = await start()
  const room = await createTestRoom()
  const inside = await new SocketClient(url).joined(room)
  const wrongKey = new SocketClient(url)
  await wrongKey.join(await createTestRoom(), { room: room.id })
  const replay = new SocketClient(url)
  await replay.join(room, { nonce: new Uint8Array(32) })
  const wrongHost = new SocketClient(url)
  await wrongHost.join(room, { host: `localhost:${port}` })
  const ends = await Promise.all([wrongKey, replay, wrongHost].map(({ ended }) => ended))
  expect(ends).toEqual([4401, 4401, 4401])
  inside.publish(bytes('not for strangers'))
  await inside.until(() => inside.frames[0])
  for (const stranger of [wrongKey, replay, wrongHost]) {
    expect(stranger.messages.map(({ type }) => type)).toEqual(['challenge'])
    expect(stranger.frames).toEqual([])
  }
})

test('[H11] a client that does not join in time is disconnected', async () => {
  const { url } = await start({ limits: { joinDeadlineMs: 50 } })
  expect(await new SocketClient(url).ended).toBe(4410)
})

test('[H22] malformed and oversized messages are refused, and the connection is kept', async () => {
  const { url } = await start()
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  alice.socket.send(new Uint8Array(200_000))
  alice.socket.send(new Uint8Array(3))
  alice.socket.send('{"type":')
  alice.socket.send('x'.repeat(100_000))
  alice.publish(bytes('still here'))
  expect(await bob.until(() => bob.frames[0])).toMatchObject({ payload: bytes('still here') })
  await alice.until(() =>
    alice.messages.filter(({ type }) => type === 'refused').length === 4 ? true : undefined,
  )
})

test('[H5] a message over 256 KiB ends with 1009, unreadable text with 1007, and others stay', async () => {
  const { url } = await start()
  const room = await createTestRoom()
  const [large, text, witness] = [
    new SocketClient(url),
    new SocketClient(url),
    new SocketClient(url),
  ]
  for (const client of [large, text, witness]) await client.joined(room)
  large.socket.send(new Uint8Array(262_145))
  expect(await large.ended).toBe(1009)
  text.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
  expect(await text.ended).toBe(1007)
  const many = new SocketClient(url)
  await many.heard('challenge')
  for (let index = 0; index < 70; index += 1) many.socket.send('x', { fin: false })
  expect(await many.ended).toBe(1008)
  witness.publish(bytes('alone'))
  await witness.until(() => witness.frames[0])
})

test('[H24] a flood ends with 4429', async () => {
  // However long a busy machine takes over them, the messages are too many.
  const rates = { publishPerSecond: 1, dropsPerSecond: 1 }
  const { url } = await start({ limits: { publishBurst: 20, dropBurst: 20, ...rates } })
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  for (let index = 0; index < 100; index += 1) alice.publish(bytes('flood'))
  expect(await alice.ended).toBe(4429)
  expect(await bob.heard('participantLeft')).toMatchObject({ reason: 'lost' })
  expect(bob.frames.length).toBeLessThan(60)
})

test('[H25] a client that stops reading is ended, with a bounded queue, and others get everything', async () => {
  const { url, hub } = await start({
    limits: { bytesPerSecond: 4_000_000_000, publishPerSecond: 5000 },
  })
  const room = await createTestRoom()
  const [alice, bob, slow] = [new SocketClient(url), new SocketClient(url), new SocketClient(url)]
  for (const client of [alice, bob, slow]) await client.joined(room)
  slow.socket.pause()
  const before = process.memoryUsage().arrayBuffers
  const payload = new Uint8Array(65_536)
  let sent = 0
  while (!bob.messages.some(({ type }) => type === 'participantLeft')) {
    alice.publish(payload)
    sent += 1
    const wanted = sent
    await bob.until(() => (bob.frames.length >= wanted ? true : undefined))
    bob.frames.fill(bob.frames[0] as never)
    expect(sent).toBeLessThan(2000)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
  slow.socket.resume()
  expect([4408, 1006]).toContain(await slow.ended)
  expect(bob.frames).toHaveLength(sent)
  expect(hub.stats().connections).toBeLessThanOrEqual(3)
})

test('[H16] a session that comes back takes its place, and the old connection ends with 4409', async () => {
  const { url } = await start()
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  const again = new SocketClient(url)
  again.session = alice.session
  await again.joined(room)
  expect(await alice.ended).toBe(4409)
  bob.publish(bytes('to the same person'), alice.participant)
  expect(await again.until(() => again.frames[0])).toMatchObject({ from: bob.participant })
  expect(bob.messages.map(({ type }) => type)).toEqual(['challenge', 'joined'])
})

test('[H6] connections of one address are bounded over real sockets, and trusted proxies are believed', async () => {
  const { url } = await start(
    { limits: { connectionsPerAddress: 2 } },
    { trustedProxies: ['127.0.0.1'] },
  )
  const from = (address: string): SocketClient =>
    new SocketClient(url, { headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } })
  const [one, two] = [from('192.0.2.1'), from('192.0.2.1')]
  for (const client of [one, two]) await client.heard('challenge')
  expect(await from('192.0.2.1').ended).toBe(429)
  const other = from('192.0.2.2')
  await other.heard('challenge')
  one.socket.close()
  await one.ended
  await from('192.0.2.1').heard('challenge')
})

test('[H10] a first message in the same segment as the handshake is heard', async () => {
  const { port, hub } = await start()
  const socket = connect(port, '127.0.0.1')
  const ping = maskedText(encodeMessage({ type: 'ping', id: 77 }))
  socket.write(Buffer.concat([Buffer.from(upgradeRequest(port)), Buffer.from(ping)]))
  const answer = await new Promise<string>((resolve) => {
    let all = ''
    socket.on('data', (chunk: Buffer) => {
      all += chunk.toString('latin1')
      if (all.includes('pong')) resolve(all)
    })
  })
  expect(answer).toContain('HTTP/1.1 101')
  expect(answer).toContain('{"type":"pong","id":77}')
  expect(hub.stats().received).toBe(1)
  socket.destroy()
})

test('[H27] broken HTTP and broken frames end their own connection only', async () => {
  const { port, url } = await start()
  const witness = await new SocketClient(url).joined(await createTestRoom())
  const send = (data: string | Uint8Array): Promise<string> =>
    new Promise((resolve) => {
      let all = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(data))
      socket.on('data', (chunk: Buffer) => (all += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => resolve(all))
    })
  expect(await send('NONSENSE\r\n\r\n')).toContain('HTTP/1.1 400')
  expect(
    await send('GET /hub HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  ).toContain('HTTP/1.1 403')
  expect(await send(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain('HTTP/1.1 4')
  const twice = upgradeRequest(port).replace('Origin:', `Host: mallory.example\r\nOrigin:`)
  expect(await send(twice)).toContain('HTTP/1.1 400')
  const page = 'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n'
  expect(await send(page)).toContain('HTTP/1.1 400')
  const client = new SocketClient(url)
  await client.heard('challenge')
  const raw = (client.socket as unknown as { _socket: { write(data: Uint8Array): void } })._socket
  raw.write(Uint8Array.from([0xff, 0xff, 0xff, 0xff]))
  expect(await client.ended).toBe(1002)
  witness.publish(bytes('fine'))
  await witness.until(() => witness.frames[0])
})

test('[H20] a burst of many publishers reaches all in one order', async () => {
  const { url } = await start()
  const room = await createTestRoom()
  const clients = Array.from({ length: 8 }, () => new SocketClient(url))
  for (const client of clients) await client.joined(room)
  for (let round = 0; round < 20; round += 1)
    for (const client of clients) client.publish(bytes(`${round}`))
  const expected = 8 * 20
  const orders = await Promise.all(
    clients.map((client) =>
      client.until(() => (client.frames.length === expected ? client.frames : undefined)),
    ),
  )
  for (const frames of orders) {
    const delivered = frames.filter(({ type }) => type === 'deliver')
    const places = delivered.map((frame) => (frame.type === 'deliver' ? frame.position : 0n))
    expect(places).toEqual(places.toSorted((one, other) => Number(one - other)))
    expect(delivered).toHaveLength(7 * 20)
  }
})

test.each([
  [1002, [0xff, 0xff, 0xff, 0xff]],
  [1007, [0x81, 0x81, 0, 0, 0, 0, 0xff]],
  [1009, [0x82, 0xff, 0, 0, 0, 0, 0, 0x40, 0, 1, 0, 0, 0, 0]],
])('[H27, H32] an end with %i is logged as the hub’s', async (code, frame) => {
  const lines: string[] = []
  const { url } = await start({ log: (line) => lines.push(line) })
  const client = new SocketClient(url)
  await client.heard('challenge')
  const raw = (client.socket as unknown as { _socket: { write(data: Uint8Array): void } })._socket
  raw.write(Uint8Array.from(frame))
  expect(await client.ended).toBe(code)
  await expect.poll(() => lines.find((line) => line.includes('connectionEnded'))).toBeDefined()
  const line = lines.find((one) => one.includes('connectionEnded'))
  expect(JSON.parse(line ?? '')).toMatchObject({ code, by: 'hub' })
})
