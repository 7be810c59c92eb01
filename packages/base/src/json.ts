import { decodeText } from './text.ts'

/** The value of the JSON in bytes of UTF-8. Returns `undefined`, not throws, for anything else. */
export function decodeJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
