/**
 * Where the browsers are and how they are started for tests: headless, with fake devices, and
 * without any connection that a test did not ask for.
 *
 * @module
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The executable of Chromium: `CHROMIUM` if it is set, else the first known name on `PATH`. */
export function findChromium(): string | undefined {
  return process.env['CHROMIUM'] ?? findOnPath(['chromium', 'chromium-browser', 'google-chrome'])
}

/** The executable of Firefox: `FIREFOX` if it is set, else the first known name on `PATH`. */
export function findFirefox(): string | undefined {
  return process.env['FIREFOX'] ?? findOnPath(['firefox-esr', 'firefox'])
}

/** The flag for a fake camera and microphone. */
export const FAKE_CAMERA = '--use-fake-device-for-media-stream'

/** How many pictures a second the fake cameras of tests take: encoders and decoders in software have enough to do with them. */
const PICTURES_PER_S = 10

/** Flags for a test Chromium: fake camera and microphone, loopback media, nothing sent to its maker. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--autoplay-policy=no-user-gesture-required',
  FAKE_CAMERA,
  '--use-fake-ui-for-media-stream',
  '--auto-select-desktop-capture-source=Entire screen',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
]

/** {@link chromiumArgs} with a slow camera, for tests that do not measure. */
export const chromiumTestArgs: readonly string[] = chromiumArgs.map((arg) =>
  arg === FAKE_CAMERA ? `${FAKE_CAMERA}=fps=${PICTURES_PER_S}` : arg,
)

/** Preferences for a test Firefox, to the same end; it is driven by WebDriver BiDi. */
export const firefoxPrefs: Readonly<Record<string, string | number | boolean>> = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // Stands in for a sound card, without which Firefox runs no AudioContext.
  'media.cubeb.force_mock_context': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.gmp-manager.updateEnabled': false,
  'app.update.enabled': false,
  'toolkit.telemetry.enabled': false,
  'network.proxy.type': 1,
  'network.proxy.socks': '127.0.0.1',
  'network.proxy.socks_port': 9,
  'network.proxy.no_proxies_on': 'localhost,127.0.0.1',
  'dom.timeout.enable_budget_timer_throttling': false,
  'dom.min_background_timeout_value': 4,
}

/** {@link firefoxPrefs} with a slow camera, for tests that do not measure. */
export const firefoxTestPrefs: Readonly<Record<string, string | number | boolean>> = {
  ...firefoxPrefs,
  'media.navigator.video.default_fps': PICTURES_PER_S,
}

/** The first executable of one of these names on `PATH`. */
export function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const name of names) {
    for (const folder of folders) {
      const file = join(folder, name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {}
    }
  }
  return undefined
}
