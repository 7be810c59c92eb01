/**
 * Changes the API of small packages in every way that breaks or extends it: the comparison with the report must fail each
 * time, because a report that overlooks changes holds nothing.
 *
 * @module
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { runApiTool } from './api-reports.ts'

const API = `
/** A number. */
export declare const count: number
/** Says a text. */
export declare function say(text: string, options?: { readonly loud?: boolean }): Promise<void>
`

/** The API after each change. The comparison must not fail for the first two. */
const CHANGES = [
  { name: 'no change', api: API, isHarmless: true },
  { name: 'another comment', api: API.replace('Says', 'Speaks'), isHarmless: true },
  { name: 'one export more', api: `${API}export declare const more: string\n` },
  { name: 'one export less', api: API.replace(/^.*count.*$/m, '') },
  { name: 'another parameter', api: API.replace('text: string', 'text: Uint8Array') },
  { name: 'a mandatory option', api: API.replace('loud?', 'loud') },
  { name: 'another result', api: API.replace('Promise<void>', 'void') },
]

/** Lists the changes that the comparison overlooks, and the harmless ones that it reports. */
export async function findUnnoticedChanges(): Promise<string[]> {
  const parent = join(root, '.cache/api/changes')
  rmSync(parent, { recursive: true, force: true })
  const original = writePackage(join(parent, 'original'), API)
  const faults = await runApiTool('report.mjs', {
    folder: root,
    isWriting: true,
    entries: [original],
  })
  const changed = CHANGES.map(({ name, api }) => writePackage(join(parent, name), api))
  for (const { report } of changed) copyFileSync(original.report, report)
  const complaints = await runApiTool('report.mjs', {
    folder: root,
    isWriting: false,
    entries: changed,
  })
  for (const [index, { name, isHarmless = false }] of CHANGES.entries()) {
    const isReported = complaints.some((complaint) =>
      complaint.startsWith(`${changed[index]?.report} differs from the code`),
    )
    if (isReported === isHarmless)
      faults.push(`${name} is ${isReported ? 'reported' : 'overlooked'}`)
  }
  return faults
}

function writePackage(directory: string, api: string) {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'changed' }))
  const declarations = join(directory, 'index.d.ts')
  writeFileSync(declarations, api)
  return { directory, declarations, report: join(directory, 'index.api.md') }
}
