/** The parts of sealed events: keys as text, bodies, and the record of a replay guard. */
import { importAesGcmKeyFromBase64, MAX_JSON_DEPTH } from '@conclave/e2ee'
import { decodeBody } from '../../../packages/e2ee/src/events/event-body.ts'
import { REPLAY_FORMAT } from '../../../packages/e2ee/src/events/replay-record.ts'
import { ReplayState } from '../../../packages/e2ee/src/events/replay-state.ts'
import { hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import { argumentErrorOf, codeOf, FuzzFailure, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const keyTexts: FuzzTarget = {
  name: 'event/import-key',
  share: 20,
  async prepare() {
    const valid = [0, 1, 250, 255].map((fill) => Buffer.alloc(32, fill).toString('base64'))
    return {
      async attempt(random, note) {
        const input = random.oneIn(6) ? hostileValue(random) : mutateText(random, valid, 60)
        note(input)
        try {
          const key = await importAesGcmKeyFromBase64(input as string)
          const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key))
          const text = (input as string).replaceAll(/\s/g, '').replace(/=$/, '')
          const standard = text.replaceAll('-', '+').replaceAll('_', '/')
          mustHold(Buffer.from(raw).toString('base64') === `${standard}=`, 'these bytes, P60')
          return 'imported'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return typeof input === 'string'
            ? codeOf(error, new Set(['ERR_E2EE_MALFORMED']))
            : argumentErrorOf(error)
        }
      },
    }
  },
}

const bodies: FuzzTarget = {
  name: 'event/body',
  share: 60,
  async prepare() {
    const encoder = new TextEncoder()
    const valid = ['{"a":1}', '"x"', 'null', '[[[1]]]', '\u0000\u0001n{}', '{}\u0080'].map((text) =>
      Uint8Array.from(encoder.encode(text)),
    )
    valid.push(Uint8Array.of(0, 1, 110, 49, 0x80, ...new Uint8Array(59)))
    return {
      attempt(random, note) {
        const bytes = random.oneIn(2)
          ? mutateBytes(random, valid, 256)
          : encoder.encode(randomJson(random, random.oneIn(20) ? 80 : 4))
        const flags = random.below(32)
        note({ bytes, flags })
        const body = decodeBody(new Uint8Array(bytes), { flags, maxBytes: 1 + random.below(4096) })
        if (body === undefined) return 'refused'
        mustHold(depthOf(body.value) <= MAX_JSON_DEPTH, 'not deeper than it may be')
        mustHold(body.value instanceof Uint8Array === ((flags & 4) !== 0), 'bytes are bytes')
        return (flags & 4) === 0 ? 'JSON' : 'bytes'
      },
    }
  },
}

const replayRecords: FuzzTarget = {
  name: 'event/replay-record',
  share: 40,
  async prepare() {
    const state = new ReplayState()
    const valid = [REPLAY_FORMAT.encode(state)]
    for (let sequence = 0; sequence < 40; sequence += 3) {
      for (const sender of ['a', 'é', 'user-1']) {
        const stream = 2 ** 52 + (sequence % 4)
        const names = { keyId: 'k', contextId: `room ${sequence % 2}` }
        const event = { ...names, sender, stream, sequence: sequence * 100 }
        state.admit(event, { rising: false, now: Number.MAX_SAFE_INTEGER })
      }
      valid.push(REPLAY_FORMAT.encode(state))
    }
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        const decoded = REPLAY_FORMAT.decode(bytes)
        if (decoded === undefined) return 'refused'
        mustHold(
          toHex(REPLAY_FORMAT.encode(decoded)) === toHex(bytes),
          'every state has one record',
        )
        const event = {
          ...{ keyId: 'k', contextId: 'room 0', sender: 'a' },
          stream: 2 ** 52 + random.below(5),
          sequence: random.below(4200),
        }
        const rules = { rising: random.oneIn(2), now: Number.MAX_SAFE_INTEGER }
        if (decoded.admit(event, rules) === undefined) {
          mustHold(decoded.refusalOf(event, rules) === 'replay', 'what was accepted is seen')
        }
        const merged = new ReplayState()
        merged.merge(decoded)
        const record = REPLAY_FORMAT.encode(merged)
        mustHold(REPLAY_FORMAT.decode(record) !== undefined, 'what is merged can be read')
        return 'read'
      },
    }
  },
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0
  mustHold(!Object.hasOwn(value, '__proto__'), 'no key __proto__')
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

/** The targets of an event's parts. */
export const EVENT_PART_TARGETS: readonly FuzzTarget[] = [keyTexts, bodies, replayRecords]
