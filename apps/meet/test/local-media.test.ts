import { expect, test } from 'vitest'
import { LocalMedia } from '../src/state/local-media.ts'
import { TestContext } from './support/context.ts'
import { settle } from './support/virtual-clock.ts'

const make = (): { media: LocalMedia; test: TestContext } => {
  const context = new TestContext()
  return { media: new LocalMedia(context.mediaPort, context), test: context }
}

test('both devices are asked for with one question', async () => {
  const { media, test: context } = make()
  await media.start()
  expect(context.mediaPort.requests).toEqual([{ microphone: '', camera: '' }])
  expect(media.microphone.value).toMatchObject({ state: 'on', muted: false })
  expect(media.camera.value).toMatchObject({ state: 'on' })
  expect(media.devices.value.cameras).toHaveLength(1)
})

test('while the question is open, that is known', async () => {
  const { media, test: context } = make()
  let answer: () => void = () => undefined
  context.mediaPort.gate = new Promise((resolve) => {
    answer = resolve
  })
  const started = media.start()
  expect(media.asking.value).toBe(true)
  expect(media.camera.value.state).toBe('opening')
  answer()
  await started
  expect(media.asking.value).toBe(false)
})

test.each(['denied', 'missing', 'busy', 'failed'] as const)(
  'a camera that is %s does not take the microphone with it',
  async (fault) => {
    const { media, test: context } = make()
    context.mediaPort.faults.set('camera', fault)
    await media.start()
    expect(media.camera.value).toEqual({ state: 'fault', fault })
    expect(media.microphone.value.state).toBe('on')
  },
)

test('a muted microphone stays open and is silent; it comes back without a question', async () => {
  const { media, test: context } = make()
  await media.start()
  await media.toggle('microphone')
  const [track] = context.mediaPort.tracks
  expect(track).toMatchObject({ enabled: false, readyState: 'live' })
  await media.toggle('microphone')
  expect(track).toMatchObject({ enabled: true, readyState: 'live' })
  expect(context.mediaPort.requests).toHaveLength(1)
})

test('a camera that is turned off is released, so that its light goes out', async () => {
  const { media, test: context } = make()
  await media.start()
  await media.toggle('camera')
  expect(media.camera.value.state).toBe('off')
  expect(context.mediaPort.tracks.find((track) => track.kind === 'video')?.readyState).toBe('ended')
  await media.toggle('camera')
  expect(media.camera.value.state).toBe('on')
})

test('a device that was off before is off again', async () => {
  const { media, test: context } = make()
  context.preferences.change({ cameraOn: false, microphoneOn: false })
  await media.start()
  expect(context.mediaPort.requests).toEqual([{ microphone: '' }])
  expect(media.microphone.value).toMatchObject({ state: 'on', muted: true })
  expect(context.mediaPort.tracks[0]?.enabled).toBe(false)
})

test('pressing the button of a device with a fault tries again', async () => {
  const { media, test: context } = make()
  context.mediaPort.faults.set('camera', 'busy')
  await media.start()
  context.mediaPort.faults.clear()
  await media.toggle('camera')
  expect(media.camera.value.state).toBe('on')
})

test('another device takes the place of the one before, which is released', async () => {
  const { media, test: context } = make()
  await media.start()
  await media.choose('camera', 'other')
  expect(context.mediaPort.requests.at(-1)).toEqual({ camera: 'other' })
  const cameras = context.mediaPort.tracks.filter((track) => track.kind === 'video')
  expect(cameras.map((track) => track.readyState)).toEqual(['ended', 'live'])
  expect(context.preferences.choices.value.cameraId).toBe('other')
})

test('a camera that is off stays off when another one is chosen', async () => {
  const { media, test: context } = make()
  await media.start()
  await media.toggle('camera')
  await media.choose('camera', 'other')
  expect(media.camera.value.state).toBe('off')
  expect(context.mediaPort.requests).toHaveLength(1)
})

test('a microphone that is unplugged is reported, and another one is opened', async () => {
  const { media, test: context } = make()
  await media.start()
  context.preferences.change({ microphoneId: 'usb' })
  context.mediaPort.tracks[0]?.lose()
  await settle()
  expect(context.notices.list.value[0]?.content).toEqual({
    type: 'device-lost',
    device: 'microphone',
  })
  expect(media.microphone.value.state).toBe('on')
  expect(context.mediaPort.requests.at(-1)).toEqual({ microphone: '' })
})

test('a device that opens after the end is released at once', async () => {
  const { media, test: context } = make()
  let answer: () => void = () => undefined
  context.mediaPort.gate = new Promise((resolve) => {
    answer = resolve
  })
  const started = media.start()
  media.close()
  answer()
  await started
  expect(context.mediaPort.tracks).toHaveLength(2)
  expect(context.mediaPort.isRecording).toBe(false)
  expect(media.camera.value.state).toBe('off')
})
