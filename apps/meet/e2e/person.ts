/**
 * A person in front of a browser: what they do in the app, and what they see and hear there. Uses
 * only names that a screen reader would say, and the two attributes that the app promises.
 *
 * @module
 */
import { decodeCrockford32, encodeBase64Url } from '@conclave/base'
import { ownerKeyStrings } from '../src/ui/owner-key-strings.ts'
import type { Page } from './browsers/page.ts'

/** A picture that is shown to this person. */
export interface Picture {
  /** The name on the tile. */
  readonly name: string
  readonly isOwn: boolean
  readonly isScreen: boolean
  readonly participant: string
  readonly e2ee: string
  readonly width: number
  readonly height: number
  /** Frames presented since it began to play, and 0 while none comes. */
  readonly frames: number
}

/** Frames that must arrive one after another before a test believes that a picture moves. */
const MOVING_FRAMES = 15

/** One person with one page. */
export class Person {
  readonly name: string
  readonly page: Page
  /** The secrets of this person: none of them may be in what the hub received. */
  readonly secrets = new Set<string>()

  constructor(name: string, page: Page) {
    this.name = name
    this.page = page
    this.secrets.add(name)
  }

  /** Presses "New room" on the start page; resolves to the room's link, in its lobby. */
  async makeRoom(origin: string): Promise<string> {
    await this.page.goto(`${origin}/`)
    await this.page.click('button', 'New room')
    await this.page.see('textbox', 'Your name')
    const link = this.page.url()
    this.#keepSecret(link)
    return link
  }

  /** Opens a link and joins under the name of this person. */
  async join(link: string): Promise<void> {
    this.#keepSecret(link)
    if (this.page.url() !== link) await this.page.goto(link)
    await this.page.fill('Your name', this.name)
    await this.page.click('button', 'Join')
    await this.inCall()
  }

  /** Waits until the call is shown. */
  async inCall(timeoutMs = 20_000): Promise<void> {
    await this.page.see('list', 'Participants', { timeoutMs })
    await this.page.see('button', 'Leave')
  }

  /** Chooses who can come in, on the device of the room's maker. */
  async chooseRule(rule: string): Promise<void> {
    await this.page.click('button', 'People')
    await this.page.click('radio', rule)
    await this.page.click('button', 'Close')
  }

  /** Has the room's maker see the host key, which no hub may see. */
  async seesOwnerKey(): Promise<string> {
    await this.page.click('button', 'People')
    await this.page.click('button', ownerKeyStrings.show)
    await this.page.see('textbox', ownerKeyStrings.label)
    const key = await this.page.evaluate(readOwnerKey, null)
    await this.page.click('button', 'Close')
    const seed = decodeCrockford32(key)?.slice(2, 34) ?? new Uint8Array()
    // The last character of the base64 stands for less than a whole byte.
    const base64 = encodeBase64Url(seed).slice(0, 42)
    for (const secret of [key, key.replaceAll('-', ''), base64]) this.secrets.add(secret)
    return key
  }

  /** Enters a host key by keyboard, in the call or before its door. */
  async entersOwnerKey(key: string): Promise<void> {
    await this.page.click('button', ownerKeyStrings.enter)
    await this.page.see('textbox', ownerKeyStrings.label)
    await this.page.type(key)
    await this.page.press('Tab')
    await this.page.press('Enter')
  }

  /** Opens a link and asks to come in under the name of this person. */
  async asks(link: string): Promise<void> {
    this.#keepSecret(link)
    await this.page.goto(link)
    await this.page.fill('Your name', this.name)
    await this.page.click('button', 'Join')
  }

  async leave(): Promise<void> {
    await this.page.click('button', 'Leave')
  }

  /** Opens the chat unless it is open. */
  async openChat(): Promise<void> {
    if (await this.page.evaluate(isChatClosed, null)) await this.page.click('button', 'Chat')
    await this.page.see('log', 'Chat')
  }

  /** Writes into the chat and sends it. */
  async say(text: string): Promise<void> {
    this.secrets.add(text)
    await this.openChat()
    await this.page.fill('Message', text)
    await this.page.click('button', 'Send')
  }

  /** Waits until a text stands in the chat. */
  async reads(text: string, timeoutMs = 20_000): Promise<void> {
    await this.page.waitFor(countInChat, text, {
      timeoutMs,
      what: `${this.name} reading "${text}"`,
    })
  }

  /** How often a text stands in the chat. */
  async timesInChat(text: string): Promise<number> {
    return this.page.evaluate(countInChat, text)
  }

  /** All pictures in the call, this person's own among them. */
  async pictures(): Promise<Picture[]> {
    return this.page.evaluate(readPictures, null)
  }

  /** Waits until exactly these names are in the list of participants, this person's own included. */
  async isWith(names: readonly string[], timeoutMs = 30_000): Promise<void> {
    const wanted = [this.name, ...names].toSorted().join(', ')
    await this.page.waitFor(hasParticipants, wanted, {
      timeoutMs,
      what: `${this.name} being with exactly ${wanted}`,
    })
  }

  /** Waits until a picture of somebody has a size, is authentic, and moves. */
  async sees(name: string, { isScreen = false, timeoutMs = 30_000 } = {}): Promise<void> {
    const what = `${this.name} seeing ${isScreen ? 'the screen of ' : ''}${name}`
    const find = async (): Promise<Picture | undefined> =>
      (await this.pictures()).find(
        (picture) => picture.name === name && picture.isScreen === isScreen && !picture.isOwn,
      )
    const first = await this.#until(
      async () => {
        const picture = await find()
        return picture?.e2ee === 'ok' && picture.width > 0 && picture.frames > 0
          ? picture
          : undefined
      },
      { what, timeoutMs, describe: () => this.pictures() },
    )
    await this.#until(
      async () => {
        const picture = await find()
        return picture !== undefined && picture.frames >= first.frames + MOVING_FRAMES
          ? picture
          : undefined
      },
      { what: `${what} move`, timeoutMs, describe: () => this.pictures() },
    )
  }

  /** Waits until sound of somebody is heard: energy in what their audio elements play. */
  async hears(name: string, timeoutMs = 20_000): Promise<void> {
    await this.#until(async () => ((await this.loudness(name)) > AUDIBLE ? true : undefined), {
      what: `${this.name} hearing ${name}`,
      timeoutMs,
      describe: async () => ({ loudness: await this.loudness(name) }),
    })
  }

  /** The highest level that somebody's sound reaches within a second and a half; 0 is silence. */
  async loudness(name: string): Promise<number> {
    return this.page.evaluate(measureLoudness, name)
  }

  #keepSecret(link: string): void {
    this.secrets.add(new URL(link).hash.slice(1))
  }

  async #until<T>(
    ask: () => Promise<T | undefined>,
    options: { what: string; timeoutMs: number; describe: () => Promise<unknown> },
  ): Promise<T> {
    const deadline = Date.now() + options.timeoutMs
    for (;;) {
      const value = await ask().catch(() => undefined)
      if (value !== undefined) return value
      if (Date.now() > deadline) {
        const seen = await options.describe().catch(String)
        throw new Error(
          `${options.what} did not come within ${options.timeoutMs} ms; there is ${JSON.stringify(seen)}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** A fake microphone beeps at a tenth of full scale or more; a silent track stays at exactly 0. */
const AUDIBLE = 0.005

// The functions below run in the page and must not refer to anything outside of themselves.

function isChatClosed(): boolean {
  return document.querySelector('[aria-controls="chat"][aria-expanded="false"]') !== null
}

function readOwnerKey(): string {
  return document.querySelector<HTMLTextAreaElement>('textarea[readonly]')?.value ?? ''
}

function countInChat(text: string): number {
  const log = document.querySelector('[role="log"][aria-label="Chat"]')
  return (log?.textContent ?? '').split(text).length - 1
}

function hasParticipants(wanted: string): boolean {
  const items = document.querySelectorAll('ul[aria-label="Participants"] > li')
  const names = [...items].map((item) => item.querySelector('[dir="auto"]')?.textContent ?? '')
  return names.toSorted().join(', ') === wanted
}

async function readPictures(): Promise<Picture[]> {
  const presentedFrames = (video: HTMLVideoElement): Promise<number> =>
    new Promise((resolve) => {
      // A picture that stands still calls nobody.
      const timer = setTimeout(() => resolve(0), 1000)
      video.requestVideoFrameCallback((_now, { presentedFrames }) => {
        clearTimeout(timer)
        resolve(presentedFrames)
      })
    })
  const items = [...document.querySelectorAll('ul[aria-label="Participants"] > li')]
  return Promise.all(
    items.flatMap((item) => {
      const name = item.querySelector('[dir="auto"]')?.textContent ?? ''
      return [...item.querySelectorAll('video')].map(async (video) => ({
        name,
        isOwn: [...item.querySelectorAll('span')].some((each) => each.textContent === 'You'),
        isScreen: video.dataset['source'] === 'screen',
        participant: video.dataset['participant'] ?? '',
        e2ee: video.dataset['e2ee'] ?? '',
        frames: await presentedFrames(video),
        width: video.videoWidth,
        height: video.videoHeight,
      }))
    }),
  )
}

async function measureLoudness(name: string): Promise<number> {
  const item = [...document.querySelectorAll('ul[aria-label="Participants"] > li')].find(
    (each) => each.querySelector('[dir="auto"]')?.textContent === name,
  )
  const context = new AudioContext()
  try {
    const analysers: AnalyserNode[] = []
    for (const audio of item?.querySelectorAll('audio') ?? []) {
      const stream = audio.srcObject
      if (!(stream instanceof MediaStream) || stream.getAudioTracks().length === 0) continue
      if (audio.paused || audio.muted) continue
      const analyser = context.createAnalyser()
      context.createMediaStreamSource(stream).connect(analyser)
      analysers.push(analyser)
    }
    let peak = 0
    const samples = new Float32Array(2048)
    for (let index = 0; index < 60; index++) {
      for (const analyser of analysers) {
        analyser.getFloatTimeDomainData(samples)
        for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    return peak
  } finally {
    await context.close()
  }
}
