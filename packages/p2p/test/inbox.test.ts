import { expect, test } from 'vitest'
import { Inbox, MAX_INBOX_TASKS } from '../src/inbox.ts'

const turns = async (count = 10): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}

test('[S14] tasks run one after the other, each to its end', async () => {
  const inbox = new Inbox(() => undefined)
  const log: string[] = []
  const task = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`)
    await turns(3)
    log.push(`${name} ends`)
  }
  inbox.push(task('a'))
  inbox.push(task('b'))
  await turns(30)
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('[S14] a task that throws or rejects is reported, and the next one runs', async () => {
  const errors: unknown[] = []
  const inbox = new Inbox((error) => errors.push(error))
  let ran = false
  inbox.push(() => {
    throw new Error('thrown')
  })
  inbox.push(() => Promise.reject(new Error('rejected')))
  inbox.push(() => {
    ran = true
  })
  await turns()
  expect(errors).toEqual([new Error('thrown'), new Error('rejected')])
  expect(ran).toBe(true)
})

test('[S14] more than 512 are refused', async () => {
  const inbox = new Inbox(() => undefined)
  let open: () => void = () => undefined
  let count = 0
  inbox.push(async () => new Promise<void>((resolve) => (open = resolve)))
  for (let index = 0; index < MAX_INBOX_TASKS; index += 1) {
    expect(inbox.push(() => void (count += 1))).toBe(true)
  }
  expect(inbox.push(() => void (count += 1))).toBe(false)
  open()
  await turns(2_000)
  expect(count).toBe(MAX_INBOX_TASKS)
  expect(inbox.push(() => undefined)).toBe(true)
})

test('[S14] a closed inbox runs nothing more', async () => {
  const inbox = new Inbox(() => undefined)
  let ran = false
  inbox.push(() => turns(2))
  inbox.push(() => void (ran = true))
  inbox.close()
  expect(inbox.push(() => void (ran = true))).toBe(false)
  await turns()
  expect(ran).toBe(false)
})
