/** Messages and frames of files between participants, as members and carriers make them. */
import { encodeBase64Url } from '@conclave/base'
import { createFileParts } from '@conclave/e2ee/files'
import { decodeFileBody, encodeFileBody } from '../../../packages/client/src/files/file-body.ts'
import {
  decodeFileFrame,
  decodeWish,
  encodeFileFrame,
  encodeWish,
} from '../../../packages/client/src/files/file-frame.ts'
import { mutateBytes } from '../mutate.ts'
import { FuzzFailure, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const SECRETS = { id: new Uint8Array(16).fill(3), key: new Uint8Array(32).fill(5) }
const ID = encodeBase64Url(SECRETS.id)
const text = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(value))

const bodies: FuzzTarget = {
  name: 'room-file/body',
  share: 30,
  async prepare() {
    const file = { name: 'photo.jpg', size: 70_000, type: 'image/jpeg' }
    const valid = [
      encodeFileBody({ type: 'offer', secrets: SECRETS, file }),
      encodeFileBody({ type: 'pause', id: ID, paused: true }),
      encodeFileBody({ type: 'end', id: ID, reason: 'cancelled' }),
      text({ type: 'offer', id: ID, key: '', name: '../x', size: -1, mediaType: '' }),
    ]
    return {
      attempt(random, note) {
        const input = mutateBytes(random, valid)
        note(input)
        const body = decodeFileBody(input)
        if (body === undefined) return 'refused'
        if (body.type === 'offer') {
          mustHold(!/[/\\\n]/.test(body.file.name), 'a name without folders')
          mustHold(Number.isSafeInteger(body.file.size), 'a size that can be counted')
        }
        mustEqual(decodeFileBody(encodeFileBody(body)), body, 'one meaning')
        return body.type
      },
    }
  },
}

const frames: FuzzTarget = {
  name: 'room-file/frame',
  share: 30,
  async prepare() {
    const parts = await createFileParts(SECRETS)
    const place = { side: 'receiver', run: 1, index: 2 } as const
    const wish = await parts.seal(place, encodeWish({ next: 4, limit: 99 }))
    const valid = [
      encodeFileFrame({ type: 'wish', id: ID, run: 1, index: 2, sealed: wish }),
      encodeFileFrame({ type: 'part', id: ID, run: 1, index: 2, sealed: new Uint8Array(40) }),
    ]
    return {
      async attempt(random, note) {
        const input = mutateBytes(random, valid)
        note(input)
        const frame = decodeFileFrame(input)
        if (frame === undefined) return 'refused'
        const again = encodeFileFrame(frame)
        mustHold(toHex(again) === toHex(new Uint8Array(input)), 'one form')
        const { run, index, sealed } = frame
        const opened = await parts.open({ side: 'receiver', run, index }, sealed)
        if (opened === undefined) return 'sealed by nobody'
        const isGenuine = run === 1 && index === 2 && toHex(sealed) === toHex(wish)
        if (!isGenuine) throw new FuzzFailure('forged', 'opened what nobody sealed')
        mustEqual(decodeWish(opened), { next: 4, limit: 99 }, 'the wish')
        return 'opened'
      },
    }
  },
}

export const ROOM_FILE_TARGETS: readonly FuzzTarget[] = [bodies, frames]
