import { VirtualClock } from '@conclave/base/testing'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import type { MediaContext } from '../../src/index.ts'
import { MeshCarrier } from '../../src/data/mesh-carrier.ts'
import { TestMedia } from '../support.ts'

const BOB = 'bob' as ParticipantId
const CAROL = 'carol' as ParticipantId

/** Media whose connections look open, and take nothing. */
class RefusingMedia extends TestMedia {
  calls = 0

  canSendData(): boolean {
    return true
  }

  async sendData(): Promise<void> {
    this.calls += 1
    throw new Error('the channel is closing')
  }
}

test.for(['dataOpened', 'dataClosed'] as const)(
  '[R180] a connection that did not take a message is left alone until %s',
  async (type) => {
    const media = new RefusingMedia({} as MediaContext)
    const carrier = new MeshCarrier(media, { clock: new VirtualClock() })
    const lost: string[] = []
    const repeat = (): boolean => carrier.send(BOB, new Uint8Array(1), { isReliable: true })
    carrier.on('lost', ({ participant }) => {
      lost.push(String(participant))
      // As one that repeats at once.
      if (media.calls < 1000) repeat()
    })
    expect(repeat()).toBe(true)
    await new Promise((resolve) => setTimeout(resolve))
    expect([media.calls, lost]).toEqual([1, ['bob']])
    expect([carrier.reaches(BOB), carrier.hasSpace(BOB), carrier.reaches(CAROL)]).toEqual([
      ...[false, false, true],
    ])
    media.emit(type, { participant: BOB })
    expect(carrier.reaches(BOB)).toBe(true)
    carrier.close()
  },
)

test('[R180] an unreliable message that is lost changes nothing', async () => {
  const media = new RefusingMedia({} as MediaContext)
  const carrier = new MeshCarrier(media, { clock: new VirtualClock() })
  carrier.send(BOB, new Uint8Array(1), { isReliable: false })
  await new Promise((resolve) => setTimeout(resolve))
  expect(carrier.reaches(BOB)).toBe(true)
  carrier.close()
})
