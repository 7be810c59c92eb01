/**
 * `npm run matrix`: calls between Chromium and Firefox with each codec and each interface for transforms. Writes
 * `docs/browsers.md`, and ends with 1 if a cell is not as it must be.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { TransformApi } from '@conclave/media'
import { BrowserPages } from '../support/browser-pages.ts'
import type { BrowserName } from '../support/browser-pages.ts'
import { runCell } from './cells.ts'
import type { CellResult } from './cells.ts'

const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox']
const CODECS = ['video/vp8', 'video/vp9', 'video/av1', 'video/h264']
const APIS: Readonly<Record<BrowserName, readonly TransformApi[]>> = {
  chromium: ['script-transform', 'encoded-streams'],
  firefox: ['script-transform'],
}
const WINDOW_MS = 3_000
/** How much longer than without a rotation nothing new may be shown, in milliseconds. */
const MOST_MORE_MS = 100

const shownName = { chromium: 'Chromium', firefox: 'Firefox' } as const
const shownApi = { 'script-transform': 'script', 'encoded-streams': 'streams' } as const
const shownCodec = (codec: string): string => codec.slice('video/'.length).toUpperCase()

const pages = new BrowserPages()
const rows: string[] = []
const versions = new Map<string, string>()
const results: CellResult[] = []
try {
  await pages.open()
  for (const from of BROWSERS) {
    for (const to of BROWSERS) {
      const browsers = [await pages.launch(from), await pages.launch(to)] as const
      for (const [i, name] of [from, to].entries()) {
        versions.set(shownName[name], (await browsers[i]?.version()) ?? '')
      }
      for (const codec of CODECS) {
        for (const sending of APIS[from]) {
          for (const receiving of APIS[to]) {
            const cell = { from, to, codec, apis: [sending, receiving] as const }
            const result = await runCell(cell, { pages, browsers, windowMs: WINDOW_MS })
            if (result !== undefined) results.push(result)
            rows.push(rowOf(cell, result))
            process.stdout.write(`${rows.at(-1)}\n`)
          }
        }
      }
      for (const browser of browsers) await browser.close()
    }
  }
} finally {
  await pages.close()
}

const isWell = (result: CellResult): boolean =>
  result.decoded > 0 && result.clear === 0 && result.foreign === 0 && result.isMoving
const bad = results.filter((result) => !isWell(result))
const slow = results.filter(({ gapMs, rotationGapMs }) => rotationGapMs > gapMs + MOST_MORE_MS)
const summary = `${results.length} calls: ${results.reduce((sum, { clear }) => sum + clear, 0)} clear frames of ${results.reduce((sum, { sealed }) => sum + sealed, 0)} on the network, ${bad.length} calls with a fault, ${slow.length} whose longest gap grew by more than ${MOST_MORE_MS} ms with the rotation.`
process.stdout.write(`${summary}\n`)
const document = new URL('../../../../docs/browsers.md', import.meta.url)
/** The part that another task writes. */
const [, rest = ''] = readFileSync(document, 'utf8').split(/^(?=## )/m)
writeFileSync(
  document,
  `# Browsers and codecs

Calls between browsers with each codec and each interface for transforms: \`RTCRtpScriptTransform\` (script) and \`createEncodedStreams\` (streams). Both ends
record frames, and the frames on the network are compared with those of the encoder. The gap is the longest time between two pictures that the
receiver shows, in ${WINDOW_MS / 1000} s, in milliseconds: in a quiet call, and in one whose key changes meanwhile. A dash stands for a codec that one of the two
browsers does not have. \`npm run matrix\` writes this page; the figures are those of one run on one machine, headless, with fake devices. The calls
negotiate retransmission beside the codec, as every call should: without it a picture of AV1 or H.264 may stand still for some seconds (spec M102).

${[...versions.entries()].map(([name, version]) => `- ${name}: ${version}`).join('\n')}

${summary}

| from | to | codec | interfaces | frames decoded | frames on the network | clear | gap | gap with a rotation |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

${rest}`,
)
process.exitCode = bad.length === 0 ? 0 : 1

function rowOf(
  { from, to, codec, apis }: Pick<CellResult, 'from' | 'to' | 'codec' | 'apis'>,
  result: CellResult | undefined,
): string {
  const { decoded, sealed, clear, gapMs, rotationGapMs } = result ?? {}
  const cells = [
    ...[shownName[from], shownName[to], shownCodec(codec)],
    apis.map((api) => shownApi[api]).join(' to '),
    ...[decoded, sealed, clear, gapMs, rotationGapMs].map((value) =>
      value === undefined ? '–' : String(Math.round(value)),
    ),
  ]
  return `| ${cells.join(' | ')} |`
}
