import { fitInto, gridOf } from './grid.ts'
import type { Size, Tile } from './grid.ts'
import type { Shown } from './people.ts'

/** The composed picture of a call: a tile for each person and each shared screen, with the name. spec Q13 */
export class Picture {
  readonly canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #videoByTrack = new Map<MediaStreamTrack, HTMLVideoElement>()

  constructor({ width, height }: Size) {
    this.canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = this.canvas.getContext('2d', { alpha: false })
    if (context === null) throw new Error('unreachable: a canvas without a context')
    this.#context = context
  }

  /** Draws everyone as they are at this moment. */
  draw(shown: readonly Shown[]): void {
    const { width, height } = this.canvas
    const context = this.#context
    context.fillStyle = '#101418'
    context.fillRect(0, 0, width, height)
    const tiles = gridOf(shown.length, { width, height })
    for (const [at, one] of shown.entries()) {
      const tile = tiles[at]
      if (tile !== undefined) this.#drawOne(one, tile)
    }
    this.#keep(new Set(shown.flatMap(({ video }) => video ?? [])))
  }

  /** Draws nothing from now on, and lets the tracks go. */
  close(): void {
    this.#keep(new Set())
  }

  #drawOne({ name, video }: Shown, tile: Tile): void {
    const element = video && this.#videoOf(video)
    if (element !== undefined && element.videoWidth > 0) {
      const { videoWidth: width, videoHeight: height } = element
      const fit = fitInto(tile, { width, height })
      this.#context.drawImage(element, fit.x, fit.y, fit.width, fit.height)
    }
    this.#drawName(name, tile)
  }

  #drawName(name: string, { x, y, height, width }: Tile): void {
    const context = this.#context
    const size = Math.max(12, Math.round(height / 18))
    context.font = `${size}px sans-serif`
    context.textBaseline = 'bottom'
    context.fillStyle = '#fff'
    context.strokeStyle = '#000'
    context.lineWidth = size / 6
    const place = [x + size / 2, y + height - size / 2, width - size] as const
    context.strokeText(name, ...place)
    context.fillText(name, ...place)
  }

  #videoOf(track: MediaStreamTrack): HTMLVideoElement {
    let element = this.#videoByTrack.get(track)
    if (element === undefined) {
      element = Object.assign(document.createElement('video'), { muted: true, playsInline: true })
      element.srcObject = new MediaStream([track])
      // A track that ends while it begins to play is gone from the next picture.
      element.play().catch(() => {})
      this.#videoByTrack.set(track, element)
    }
    return element
  }

  #keep(tracks: ReadonlySet<MediaStreamTrack>): void {
    for (const [track, element] of this.#videoByTrack) {
      if (tracks.has(track)) continue
      element.srcObject = null
      this.#videoByTrack.delete(track)
    }
  }
}
