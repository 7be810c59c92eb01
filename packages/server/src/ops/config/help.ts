import { CONFIG_FILE, ALL_SETTINGS } from './given-texts.ts'
import type { Setting } from './settings.ts'

/** The text of `--help`. spec H36 */
export function helpText(): string {
  const rows = [CONFIG_ROW, ...ALL_SETTINGS.values()].map((setting) => {
    const { env, flag, kind, doc } = setting
    const option = flag === undefined ? env : `--${[flag, kind.form].filter(Boolean).join(' ')}`
    const variable = flag === undefined ? '' : `${env}; `
    return `  ${option}\n${wrap(`${variable}${doc} (${presetOf(setting)})`)}`
  })
  return `${USAGE}\n${rows.join('\n')}\n`
}

/** The table of settings in Markdown, for the documents. spec H46 */
export function settingsTable(of: 'settings' | 'limits'): string {
  const rows = Array.from(ALL_SETTINGS)
    .filter(([key]) => key.startsWith('limits.') === (of === 'limits'))
    .map(([key, setting]) => {
      const { env, flag, doc } = setting
      const option = flag === undefined ? 'none' : `\`--${flag}\``
      const name = key.replace('limits.', '')
      return `| \`${env}\` | ${option} | \`${name}\` | ${doc} | ${presetOf(setting)} |`
    })
  return [
    '| variable | option | in the file | meaning | default |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const presetOf = ({ preset, presetText }: Setting<unknown>): string =>
  preset ?? presetText ?? 'none'

function wrap(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= LINE) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((part) => `      ${part}`).join('\n')
}

const CONFIG_ROW: Setting<unknown> = {
  ...CONFIG_FILE,
  kind: { rule: '', form: 'FILE', parse: () => undefined },
  doc: 'file with settings in JSON',
}

const USAGE = `conclave-hub serves a hub at /hub, and a built app beside it.

  conclave-hub [options]           serves
  conclave-hub doctor URL          examines a hub from outside, and says what to do
  conclave-hub --help, --version   prints this text, or the version

Every setting is an option or a variable of the environment, or stands in a file of JSON under the name that the
operators' guide gives. Options win over variables, variables over the file. In brackets: the default.
`
const LINE = 96
