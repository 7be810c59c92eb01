/** The driver that the seed's text shows, word for word, with `nats.ws`: in clear, and with the text's own encryption. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../../../tools/prepare.mjs'
import { CallGround, PAGES } from './call.ts'
import { readSeedDrivers } from './seed-source.ts'

const ground = new CallGround()
beforeAll(async () => {
  await ground.open()
  await bundleSeedDrivers()
}, 120_000)
afterAll(() => ground.close())

test.each([
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
] as const)(
  '[S80] a call over the seed’s driver from %s to %s, in clear, with its own encryption, and encrypted by ours',
  async (from, to) => {
    const inClear = await ground.call(from, to, { module: '/plain.js' })
    expect(inClear).toContain('receiver:demo-room')
    expect(inClear).toContain('a=fingerprint:sha-256')
    const secret = 'a passphrase that the bus does not know'
    const sealed = await ground.call(from, to, { module: '/encrypted.js', secret })
    expect(sealed).toContain('receiver:demo-room')
    for (const text of ['fingerprint', 'candidate', 'invoke', secret]) {
      expect(sealed).not.toContain(text)
    }
    const passphrase = 'pioneer velvet orbit magnet lunar satisfy'
    const call = await ground.call(from, to, { module: '/plain.js', passphrase })
    for (const text of ['fingerprint', 'candidate', 'invoke', 'demo', 'receiver', passphrase]) {
      expect(call).not.toContain(text)
    }
  },
  120_000,
)

/** Puts both drivers beside the page that is served. */
const bundleSeedDrivers = async (): Promise<void> => {
  const drivers = readSeedDrivers(readFileSync(join(root, '../shared/seeds/004.txt'), 'utf8'))
  const folder = join(root, 'node_modules/.cache/seed-driver')
  mkdirSync(folder, { recursive: true })
  for (const [name, code] of Object.entries(drivers)) {
    const entry = join(folder, `${name}.js`)
    writeFileSync(entry, code)
    await build({
      configFile: false,
      logLevel: 'warn',
      root: folder,
      build: {
        outDir: join(root, 'node_modules/.cache', PAGES),
        emptyOutDir: false,
        target: 'es2022',
        lib: { entry, formats: ['es'], fileName: () => `${name}.js` },
      },
    })
  }
}
