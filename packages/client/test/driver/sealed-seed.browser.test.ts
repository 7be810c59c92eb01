import type { Receiver, Sender } from '@conclave/p2p'
import { expect, onTestFinished, test } from 'vitest'

test('[S38, S75, S79] the quick start of the seed runs, sealed by one line', async () => {
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  document.body.append(video)
  onTestFinished(() => video.remove())
  const { receiver } = (await import(`${EXAMPLE}/receiver.mjs`)) as { receiver: Receiver }
  const { sender, stream } = (await import(`${EXAMPLE}/sender.mjs`)) as {
    sender: Sender
    stream: MediaStream
  }
  const gone: string[] = []
  receiver.on('dispose', ({ id }) => gone.push(id))
  await expect.poll(() => video.videoWidth).toBeGreaterThan(0)
  const { id } = sender
  await sender.stop()
  await expect.poll(() => gone).toEqual([id])
  await receiver.stop()
  for (const track of stream.getTracks()) track.stop()
})

const EXAMPLE = '../../../../examples/05-sealed-seed'
