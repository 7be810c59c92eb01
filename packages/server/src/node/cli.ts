#!/usr/bin/env node
/**
 * The command `conclave-hub`, also `conclave`: a hub with the app, configured by options, environment and a file (spec/hub.md section 8),
 * and a doctor for hubs.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { isRecord } from '@conclave/base'
import { isServerError } from '../errors.ts'
import { parseConfig } from '../ops/config/config.ts'
import { helpText } from '../ops/config/help.ts'
import { examine, parseAppAddress, reportText } from './doctor/doctor.ts'
import { runHub } from './run-hub.ts'

const [command, ...others] = process.argv.slice(2)
if (command === '--help' && others.length === 0) process.stdout.write(helpText())
else if (command === '--version' && others.length === 0) process.stdout.write(`${readVersion()}\n`)
else if (command === 'doctor') await runDoctor(others)
else await runConfigured(process.argv.slice(2))

async function runConfigured(args: readonly string[]): Promise<void> {
  const result = parseConfig({ args, environment: process.env, readFile: readText })
  if (result.type === 'invalid') return fail(result.message)
  try {
    await runHub(result.config)
  } catch (error) {
    if (!isServerError(error) && !isRangeError(error)) throw error
    fail(toSentence(error.message))
  }
}

/** Prints one line for each check; ends with 1 when something is wrong. spec H56 */
async function runDoctor(args: readonly string[]): Promise<void> {
  const base = args.length === 1 ? parseAppAddress(args[0] ?? '') : undefined
  if (base === undefined) return fail('The doctor needs one address, such as https://meet.example.')
  const findings = await examine(base)
  process.stdout.write(reportText(findings))
  process.exit(findings.some(({ result }) => result === 'fault') ? 1 : 0)
}

function readText(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8')
  } catch {
    return undefined
  }
}

/** The version in the manifest; the path is the same from `src/node` and from `dist/node`. */
function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

/** Ends the command: something may listen already. */
function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

/** A limit that is out of range, or too small for its neighbour. */
function isRangeError(error: unknown): error is RangeError {
  return isRecord(error) && error['name'] === 'RangeError'
}

/** The message of an error, as a person reads it. */
function toSentence(message: string): string {
  const text = message.startsWith('"limits.') ? `The limit ${message}` : message
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}
