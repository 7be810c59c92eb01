import { expect, onTestFinished, test } from 'vitest'
import type { FrameCryptoEvents } from '@conclave/media'
import {
  connect,
  createSide,
  exchangeCandidates,
  framesDecoded,
  limitCodecs,
  lostBy,
  negotiate,
  readStat,
} from '../support/call.ts'
import type { Side } from '../support/call.ts'

const within = { timeout: 20_000, interval: 100 }

/** Connections without the flag, and tracks to send over them; all ends with the test. */
const connectUnprotected = async (sides: readonly Side[]) => {
  const sending = new RTCPeerConnection()
  const receiving = new RTCPeerConnection()
  onTestFinished(async () => {
    sending.close()
    receiving.close()
    for (const side of sides) await side.crypto.close()
  })
  exchangeCandidates(sending, receiving)
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
  onTestFinished(() => media.getTracks().forEach((track) => track.stop()))
  return { sending, receiving, media }
}

test('[M23, M30] T4: the silent case: a transform set one task too late, without the flag, is found and stopped', async () => {
  const from = createSide()
  const to = createSide()
  const risks: FrameCryptoEvents['cleartext-risk'][] = []
  from.crypto.on('cleartext-risk', (event) => risks.push(event))
  // Everything that the design forbids: no flag, and the track is sent before the transform is there.
  const { sending, receiving, media } = await connectUnprotected([from, to])
  const transceivers = media
    .getTracks()
    .map((track) => sending.addTransceiver(track, { direction: 'sendonly' }))
  for (const transceiver of transceivers) {
    limitCodecs(
      transceiver,
      from.crypto.codecs[transceiver.sender.track?.kind as 'audio' | 'video'],
    )
  }
  await negotiate(sending, receiving)
  const sent = () => readStat(sending, { type: 'outbound-rtp', kind: 'video', name: 'framesSent' })
  await expect.poll(sent, within).toBeGreaterThan(0)
  for (const { sender } of transceivers) {
    const kind = sender.track?.kind as 'audio' | 'video'
    const label = kind === 'audio' ? 'microphone' : 'camera'
    await from.crypto.protectSender(sender, { label, kind }, { peer: to.id, connection: sending })
  }
  // Chromium says nothing: protected, confirmed, and in clear. The watchdog sees it.
  await expect
    .poll(() => transceivers.map(({ sender }) => sender.track), within)
    .toEqual([null, null])
  expect(risks.map(({ label }) => label).toSorted()).toEqual(['camera', 'microphone'])
  expect(risks[0]).toMatchObject({ participant: from.id, side: 'seal', peer: to.id })
  for (const label of ['camera', 'microphone']) {
    expect(from.states.find((event) => event.label === label)).toMatchObject({
      state: 'EncryptionFailed',
      reason: 'cleartext-risk',
    })
  }
  const stopped = await sent()
  // Nothing is sent on any connection from now on, and who attaches tracks is told.
  const { sender } = sending.addTransceiver('audio', { direction: 'sendonly' })
  const another = { label: 'screen-audio', kind: 'audio' } as const
  await expect(
    from.crypto.protectSender(sender, another, { peer: to.id, connection: sending }),
  ).rejects.toMatchObject({ code: 'ERR_MEDIA_UNPROTECTED', details: { side: 'seal' } })
  expect(from.states.at(-1)).toMatchObject({ ...another, reason: 'cleartext-risk' })
  expect(lostBy(from)).toEqual(['send'])
  expect((await from.crypto.stats()).sealed).toBe(0)
  await expect.poll(async () => (await from.crypto.stats()).sealed, within).toBe(0)
  expect(await sent()).toBe(stopped)
})

test('[M24, M30] T4: the same on the receiving side: a late transform is found, and the decoder stopped', async () => {
  const to = createSide()
  const from = createSide()
  const risks: FrameCryptoEvents['cleartext-risk'][] = []
  to.crypto.on('cleartext-risk', (event) => risks.push(event))
  const { sending, receiving, media } = await connectUnprotected([from, to])
  for (const track of media.getTracks()) sending.addTransceiver(track, { direction: 'sendonly' })
  await negotiate(sending, receiving)
  const decoded = () =>
    readStat(receiving, { type: 'inbound-rtp', kind: 'video', name: 'framesDecoded' })
  await expect.poll(decoded, within).toBeGreaterThan(0)
  const received = receiving.getReceivers()
  for (const receiver of received) {
    const kind = receiver.track.kind as 'audio' | 'video'
    const label = kind === 'audio' ? 'microphone' : 'camera'
    await to.crypto.protectReceiver(
      receiver,
      { label, kind },
      { peer: from.id, connection: receiving },
    )
  }
  await expect
    .poll(() => received.map(({ track }) => track.enabled), within)
    .toEqual([false, false])
  expect(risks.map(({ label }) => label).toSorted()).toEqual(['camera', 'microphone'])
  expect(to.states.map(({ state }) => state)).toEqual(['DecryptionFailed', 'DecryptionFailed'])
  expect(lostBy(to)).toEqual(['receive'])
  // Nor is anything received over another connection.
  const { receiver } = sending.addTransceiver('audio')
  await expect(
    to.crypto.protectReceiver(
      receiver,
      { label: 'screen-audio', kind: 'audio' },
      { peer: from.id, connection: sending },
    ),
  ).rejects.toMatchObject({ code: 'ERR_MEDIA_UNPROTECTED', details: { side: 'open' } })
  // A track that is only disabled goes on being decoded.
  expect(receiving.connectionState).toBe('closed')
  expect(sending.connectionState).toBe('closed')
})

test('[M23, M24] thirty voice calls, which have no picture to carry the padding, are left in peace', async () => {
  const [from, to] = [createSide(), createSide()]
  const risks: unknown[] = []
  for (const side of [from, to]) side.crypto.on('cleartext-risk', (event) => risks.push(event))
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true })
  const calls = await Promise.all(Array.from({ length: 30 }, () => voiceCall(from, to)))
  onTestFinished(async () => {
    for (const connection of calls.flatMap(({ connections }) => connections)) connection.close()
    for (const track of microphone.getTracks()) track.stop()
    for (const { crypto } of [from, to]) await crypto.close()
  })
  const [track = null] = microphone.getTracks()
  for (const { sender } of calls) await sender.replaceTrack(track)
  const leastOpened = async (): Promise<number> => {
    const { tracks } = await to.crypto.stats()
    return tracks.length < calls.length ? 0 : Math.min(...tracks.map(({ opened }) => opened))
  }
  // Two seconds of sound: engines probe the bandwidth in the first.
  await expect.poll(leastOpened, within).toBeGreaterThan(100)
  expect(risks).toEqual([])
  expect(calls.filter(({ sender }) => sender.track !== track)).toEqual([])
})

test('[M23, M24] a sound call is left in peace', async () => {
  const from = createSide()
  const to = createSide()
  const risks: unknown[] = []
  for (const side of [from, to]) side.crypto.on('cleartext-risk', (event) => risks.push(event))
  const call = await connect({ from, to })
  onTestFinished(async () => {
    call.close()
    for (const side of [from, to]) await side.crypto.close()
  })
  await call.isProtected
  await call.startTracks()
  await expect.poll(() => framesDecoded(call), within).toBeGreaterThan(100)
  expect(risks).toEqual([])
})

/** A connection with one section, of sound. */
const voiceCall = async (from: Side, to: Side) => {
  const sending = new RTCPeerConnection(from.crypto.connectionConfig)
  const receiving = new RTCPeerConnection(to.crypto.connectionConfig)
  exchangeCandidates(sending, receiving)
  const track = { label: 'microphone', kind: 'audio' } as const
  const isOpened = new Promise<void>((resolve) => {
    receiving.addEventListener('track', ({ receiver }) => {
      const connection = { peer: from.id, connection: receiving }
      resolve(to.crypto.protectReceiver(receiver, track, connection))
    })
  })
  const transceiver = sending.addTransceiver('audio', { direction: 'sendonly' })
  const { sender } = transceiver
  const isSealed = from.crypto.protectSender(sender, track, { peer: to.id, connection: sending })
  limitCodecs(transceiver, from.crypto.codecs.audio)
  await negotiate(sending, receiving)
  await Promise.all([isOpened, isSealed])
  return { sender, connections: [sending, receiving] }
}
