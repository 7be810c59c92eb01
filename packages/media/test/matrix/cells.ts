/**
 * One cell of the matrix of browsers: a call from one to another with one codec, observed at both ends, with a rotation of
 * the key in it.
 */
import type { TransformApi } from '@conclave/media'
import type { Browser } from 'puppeteer-core'
import { call, connectPages } from '../support/browser-pages.ts'
import type { BrowserName, BrowserPages } from '../support/browser-pages.ts'

/** The choice of a cell. */
export interface Cell {
  readonly from: BrowserName
  readonly to: BrowserName
  readonly codec: string
  readonly apis: readonly [from: TransformApi, to: TransformApi]
}

/** The measurements of a cell. */
export interface CellResult extends Cell {
  /** Frames decoded until the end. */
  readonly decoded: number
  /** Frames on the network that were frames of the encoder. */
  readonly clear: number
  /** Frames of the network that were looked at. */
  readonly sealed: number
  /** Frames for the decoder that the encoder did not make. */
  readonly foreign: number
  /** The longest time between two pictures shown, in milliseconds: without a rotation, and with one. */
  readonly gapMs: number
  readonly rotationGapMs: number
  /** Whether pictures came again after the rotation. */
  readonly isMoving: boolean
}

const ids = ['AQEBAQEBAQEBAQEBAQEBAQ', 'AgICAgICAgICAgICAgICAg'] as const

/** Runs a cell; `undefined` if one of the browsers does not have the codec. */
export async function runCell(
  { from, to, codec, apis }: Cell,
  options: {
    readonly pages: BrowserPages
    readonly browsers: readonly [Browser, Browser]
    /** The time of each measurement. */
    readonly windowMs: number
  },
): Promise<CellResult | undefined> {
  const { pages, browsers, windowMs } = options
  const [sender, receiver] = [await pages.openPage(browsers[0]), await pages.openPage(browsers[1])]
  try {
    if (!(await call(sender, 'hasCodec', codec)) || !(await call(receiver, 'hasCodec', codec))) {
      return undefined
    }
    const both = { fill: 1, videoCodec: codec, isRecording: true }
    await call(sender, 'start', { ...both, self: ids[0], api: apis[0] })
    await call(receiver, 'start', { ...both, self: ids[1], api: apis[1] })
    await connectPages([sender, ids[0]], [receiver, ids[1]])
    await call(receiver, 'pictureShown')
    const gapMs = await call(receiver, 'longestGap', windowMs)
    const window = call(receiver, 'longestGap', windowMs)
    // Those who receive have the key before the one who seals with it.
    await call(receiver, 'rotate', 2, 1)
    await call(sender, 'rotate', 2, 1)
    const rotationGapMs = await window
    const rotated = await call(receiver, 'longestGap', windowMs / 3)
    const received = await call(receiver, 'digests')
    const sent = await call(sender, 'digests')
    const encoded = new Set(sent.encoder)
    const { framesDecoded } = await call(receiver, 'received')
    return {
      ...{ from, to, codec, apis, gapMs, rotationGapMs },
      decoded: framesDecoded,
      clear: received['from-network'].filter((digest) => encoded.has(digest)).length,
      sealed: received['from-network'].length,
      foreign: received.decoder.filter((digest) => !encoded.has(digest)).length,
      isMoving: rotated < windowMs / 3,
    }
  } finally {
    await sender.close()
    await receiver.close()
  }
}
