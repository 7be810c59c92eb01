/**
 * A camera whose pictures carry numbers, and their reader: for tests of what arrives, in which order, and what is lost. Numbers
 * survive codecs, other sizes and low rates.
 *
 * @module
 */

/** Options of a {@link NumberedPicture}. */
export interface NumberedPictureOptions {
  readonly width?: number
  readonly height?: number
  /** Pictures each second; 20 by default. */
  readonly fps?: number
}

/** A camera that counts: each picture shows the number after that of the one before, from 1, and begins again after 65,535. */
export class NumberedPicture {
  readonly track: MediaStreamTrack
  readonly #context: CanvasRenderingContext2D
  readonly #timer: ReturnType<typeof setInterval>
  #last = 0

  get [Symbol.toStringTag](): string {
    return 'NumberedPicture'
  }

  constructor({ width = 320, height = 180, fps = 20 }: NumberedPictureOptions = {}) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    const [track] = canvas.captureStream(fps).getVideoTracks()
    if (context === null || track === undefined) throw new Error('a canvas gave no picture')
    this.#context = context
    this.track = track
    this.#draw()
    this.#timer = setInterval(() => this.#draw(), 1000 / fps)
  }

  /** The number that was drawn last. */
  get last(): number {
    return this.#last
  }

  /** Ends the track. */
  stop(): void {
    clearInterval(this.#timer)
    this.track.stop()
  }

  #draw(): void {
    this.#last = (this.#last % MAX_NUMBER) + 1
    const { width, height } = this.#context.canvas
    const [across, down] = [width / COLUMNS, height / ROWS]
    for (const [at, isOn] of bitsOf(this.#last).entries()) {
      this.#context.fillStyle = isOn ? '#fff' : '#000'
      const [column, row] = [at % COLUMNS, Math.floor(at / COLUMNS)]
      this.#context.fillRect(column * across, row * down, Math.ceil(across), Math.ceil(down))
    }
  }
}

/** Reads the numbers of the pictures of a track, as an element shows them. */
export class NumberReader {
  /** The numbers that were seen, each once as often as another came between, oldest first. */
  readonly numbers: number[] = []
  /** Pictures that carried no number: of another camera, or damaged. */
  unreadable = 0
  /** When each of `numbers` was seen, in milliseconds of `performance.now()`. */
  readonly seenMs: number[] = []
  readonly #video: HTMLVideoElement
  readonly #context: CanvasRenderingContext2D
  readonly #waiting = new Set<() => void>()
  #isClosed = false

  get [Symbol.toStringTag](): string {
    return 'NumberReader'
  }

  constructor(track: MediaStreamTrack) {
    const canvas = Object.assign(document.createElement('canvas'), {
      width: COLUMNS * SAMPLES,
      height: ROWS * SAMPLES,
    })
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (context === null) throw new Error('a canvas gave no context')
    this.#context = context
    this.#video = Object.assign(document.createElement('video'), { muted: true, autoplay: true })
    this.#video.playsInline = true
    this.#video.srcObject = new MediaStream([track])
    // Browsers show no pictures to elements that are in no page.
    this.#video.style.cssText = 'position: fixed; width: 1px; height: 1px; opacity: 0.01'
    document.body.append(this.#video)
    this.#video.play().catch(() => undefined)
    this.#await()
  }

  /** Resolves when so many numbers were seen. */
  async count(count: number): Promise<readonly number[]> {
    while (this.numbers.length < count && !this.#isClosed) await this.#next()
    return this.numbers
  }

  /** Resolves with the first number above another one; for a picture that was drawn after a moment. */
  async above(number: number): Promise<number> {
    for (;;) {
      const seen = this.numbers.find((each) => each > number)
      if (seen !== undefined) return seen
      if (this.#isClosed) throw new Error('the reader was closed')
      await this.#next()
    }
  }

  /** Reads no more. The track is yours. */
  close(): void {
    this.#isClosed = true
    this.#video.srcObject = null
    this.#video.remove()
    this.#wake()
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve)
    })
  }

  #await(): void {
    this.#video.requestVideoFrameCallback((nowMs) => {
      if (this.#isClosed) return
      this.#read(nowMs)
      this.#await()
    })
  }

  #read(nowMs: number): void {
    const { width, height } = this.#context.canvas
    this.#context.drawImage(this.#video, 0, 0, width, height)
    const { data } = this.#context.getImageData(0, 0, width, height)
    const middle = Math.floor(SAMPLES / 2)
    const bits = Array.from({ length: COLUMNS * ROWS }, (_, at) => {
      const x = (at % COLUMNS) * SAMPLES + middle
      const y = Math.floor(at / COLUMNS) * SAMPLES + middle
      // Green stands for brightness: all cells are grey.
      return (data[4 * (y * width + x) + 1] ?? 0) > 127
    })
    const number = numberOf(bits)
    if (number === undefined) this.unreadable += 1
    else if (number !== this.numbers.at(-1)) {
      this.numbers.push(number)
      this.seenMs.push(nowMs)
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

const COLUMNS = 6
const ROWS = 4
/** Pixels of the reader for each cell, each way. */
const SAMPLES = 5
const NUMBER_BITS = 16
const MAX_NUMBER = 2 ** NUMBER_BITS - 1

/** The bits of a number and of its check, which no plain picture has. */
const bitsOf = (number: number): readonly boolean[] => {
  const value = number * 256 + checkOf(number)
  return Array.from({ length: COLUMNS * ROWS }, (_, at) => ((value >>> at) & 1) === 1)
}

const numberOf = (bits: readonly boolean[]): number | undefined => {
  const value = bits.reduce((sum, isOn, at) => sum + (isOn ? 2 ** at : 0), 0)
  const number = Math.floor(value / 256)
  return number > 0 && checkOf(number) === value % 256 ? number : undefined
}

const checkOf = (number: number): number => (Math.imul(number, 0x9e3779b1) >>> 24) ^ 0x5a
