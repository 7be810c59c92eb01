import { decodeText, textToBytes } from '@conclave/base'
import { isChannelMember } from '@conclave/wire'
import type { ChannelMember } from '@conclave/wire'

/** A member as its entry carries it through an engine, at most 2,048 bytes. spec G16 */
export function encodeMember({ id, user, device, info }: ChannelMember): Uint8Array<ArrayBuffer> {
  return textToBytes(JSON.stringify({ id, user, device, info }))
}

/** The member of an entry. Returns `undefined`, not throws, for anything else. */
export function decodeMember(data: Uint8Array | undefined): ChannelMember | undefined {
  const text = data === undefined ? undefined : decodeText(data)
  if (text === undefined) return undefined
  try {
    const member: unknown = JSON.parse(text)
    return isChannelMember(member) ? member : undefined
  } catch {
    return undefined
  }
}
