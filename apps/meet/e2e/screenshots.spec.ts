/** Pictures for the documents, made of the running app: `npm run screenshots`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../tools/prepare.mjs'
import type { Page } from './browsers/page.ts'
import { test } from './fixtures.ts'

const folder = join(root, 'docs/screenshots')

const sizes = {
  phone: [390, 844],
  laptop: [1280, 800],
  wide: [1920, 1080],
} as const

type Size = keyof typeof sizes

/** Colours of the drawn people: wall, light, skin, hair, cloth. */
const scenes = [
  () =>
    void Reflect.set(globalThis, 'scene', ['#2f5d62', '#a7c4bc', '#e8b796', '#5b3a29', '#dfeeea']),
  () =>
    void Reflect.set(globalThis, 'scene', ['#6b4f7d', '#c9b6d9', '#f1c9a5', '#c8c3bd', '#3d5a80']),
  () =>
    void Reflect.set(globalThis, 'scene', ['#a5652a', '#e9c893', '#d9a57b', '#2b2320', '#47624f']),
] as const

const shoot = async (
  page: Page,
  name: string,
  views: readonly `${Size}-${'light' | 'dark'}`[],
): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  for (const view of views) {
    const [size, scheme] = view.split('-') as [Size, 'light' | 'dark']
    await page.setColorScheme(scheme)
    const [width, height] = sizes[size]
    await page.setViewport(width, height)
    await page.evaluate(settle, null)
    await page.screenshot(`${join(folder, `${name}-${view}`)}.png`)
  }
}

test('start page @screenshots', async ({ hub, meet }) => {
  const { page } = await meet('Alice')
  await page.goto(`${hub.origin}/`)
  await page.see('button', 'New room')
  await shoot(page, 'start', ['laptop-light', 'phone-dark'])
})

test('lobby @screenshots', async ({ hub, meet }) => {
  const alice = await meet('Alice', { before: [scenes[0], drawCamera] })
  await alice.makeRoom(hub.origin)
  await alice.page.fill('Your name', alice.name)
  await shoot(alice.page, 'lobby', ['laptop-light', 'phone-light'])
})

test('call @screenshots', async ({ hub, meet }) => {
  const alice = await meet('Alice', { before: [scenes[0], drawCamera] })
  const bob = await meet('Bob', { before: [scenes[1], drawCamera] })
  const carol = await meet('Carol', { before: [scenes[2], drawCamera] })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await carol.join(link)
  await Promise.all([alice.sees(bob.name), alice.sees(carol.name)])
  await bob.say('Shall we begin with the looms?')
  await alice.reads('Shall we begin with the looms?')
  await alice.say('Yes. I have the drawings here.')
  await carol.reads('Yes. I have the drawings here.')
  await carol.say('One moment, I fetch my notes.')
  await alice.reads('One moment, I fetch my notes.')
  // Notices go by themselves, and the pictures reach their full size.
  await alice.page.waitFor(isQuiet, null, { timeoutMs: 30_000, what: 'all notices to go' })
  await shoot(alice.page, 'call', ['laptop-light', 'laptop-dark', 'wide-light'])
  await alice.page.click('button', 'Close chat')
  await shoot(alice.page, 'call', ['phone-dark'])
})

// The functions below run in the page and must not refer to anything outside of themselves.

async function settle(): Promise<void> {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined)))
}

function isQuiet(): boolean {
  const videos = [...document.querySelectorAll('video')]
  return (
    document.querySelector('.notice') === null && videos.every((video) => video.videoWidth >= 640)
  )
}

/** A camera that shows a drawn person, because the fake one of the browser shows a test card. */
function drawCamera(): void {
  const original = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    const stream = await original.call(this, constraints)
    if (stream.getVideoTracks().length === 0) return stream
    const [wall = '', light = '', skin = '', hair = '', cloth = ''] = Reflect.get(
      globalThis,
      'scene',
    ) as string[]
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
    const context = canvas.getContext('2d')
    if (context === null) return stream
    const ellipse = (color: string, x: number, y: number, width: number, height: number): void => {
      context.fillStyle = color
      context.beginPath()
      context.ellipse(x, y, width, height, 0, 0, 7)
      context.fill()
    }
    const draw = (): void => {
      const sway = Math.sin(performance.now() / 900) * 6
      const background = context.createLinearGradient(0, 0, 1280, 720)
      background.addColorStop(0, light)
      background.addColorStop(1, wall)
      context.fillStyle = background
      context.fillRect(0, 0, 1280, 720)
      ellipse('#ffffff30', 260, 170, 210, 210)
      ellipse(hair, 640 + sway, 300, 150, 175)
      ellipse(cloth, 640 + sway / 2, 790, 330, 290)
      ellipse(skin, 640 + sway / 2, 500, 55, 80)
      ellipse(skin, 640 + sway, 340, 112, 142)
      ellipse(hair, 640 + sway, 225, 118, 62)
      ellipse('#2b2320', 600 + sway, 335, 9, 11)
      ellipse('#2b2320', 680 + sway, 335, 9, 11)
      context.strokeStyle = '#8c4a3c'
      context.lineWidth = 7
      context.lineCap = 'round'
      context.beginPath()
      context.arc(640 + sway, 385, 42, 0.5, Math.PI - 0.5)
      context.stroke()
    }
    draw()
    setInterval(draw, 40)
    const [track] = canvas.captureStream(25).getVideoTracks()
    if (track !== undefined) {
      for (const fake of stream.getVideoTracks()) {
        track.getSettings = () => fake.getSettings()
        stream.removeTrack(fake)
      }
      stream.addTrack(track)
    }
    return stream
  }
}
