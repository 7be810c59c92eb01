import { Emitter, callHandler } from '@conclave/base'
import { handlerErrorsIn } from '@conclave/base/testing'
import { expect, test } from 'vitest'

interface Events {
  readonly opened: { readonly id: number }
  readonly closed: undefined
}

test('handlers run in the order of their addition, before the call returns', () => {
  const emitter = new Emitter<Events>()
  const heard: string[] = []
  emitter.on('opened', ({ id }) => heard.push(`first ${id}`))
  emitter.on('opened', ({ id }) => heard.push(`second ${id}`))
  emitter.on('closed', () => heard.push('closed'))
  emitter.emit('opened', { id: 7 })
  expect(heard).toEqual(['first 7', 'second 7'])
})

test('a function that was added twice is called twice, and removed once', () => {
  const emitter = new Emitter<Events>()
  let calls = 0
  const handler = (): void => void (calls += 1)
  const remove = emitter.on('closed', handler)
  emitter.on('closed', handler)
  emitter.emit('closed', undefined)
  remove()
  remove()
  emitter.emit('closed', undefined)
  expect(calls).toBe(3)
})

test('handlers that come or go during an event count from the next one on', () => {
  const emitter = new Emitter<Events>()
  const heard: string[] = []
  emitter.on('closed', () => {
    heard.push('first')
    removeSecond()
    emitter.on('closed', () => heard.push('new'))
  })
  const removeSecond = emitter.on('closed', () => heard.push('second'))
  emitter.emit('closed', undefined)
  expect(heard).toEqual(['first', 'second'])
  emitter.emit('closed', undefined)
  expect(heard.slice(2)).toEqual(['first', 'new'])
})

test('removing a handler again leaves handlers that were added later', () => {
  const emitter = new Emitter<Events>()
  let calls = 0
  const remove = emitter.on('closed', () => {})
  remove()
  emitter.on('closed', () => void (calls += 1))
  remove()
  emitter.emit('closed', undefined)
  expect(calls).toBe(1)
})

test('a handler that throws disturbs neither the caller nor other handlers', async () => {
  const emitter = new Emitter<Events>()
  const heard: string[] = []
  emitter.on('closed', () => {
    throw new Error('one')
  })
  emitter.on('closed', () => heard.push('other handler'))
  emitter.on('closed', () => {
    throw new Error('two')
  })
  const errors = await handlerErrorsIn(() => {
    emitter.emit('closed', undefined)
    heard.push('caller')
  })
  expect(heard).toEqual(['other handler', 'caller'])
  expect(errors.map((error) => (error as Error).message)).toEqual(['one', 'two'])
})

test('nothing is called when all handlers were removed', () => {
  const emitter = new Emitter<Events>()
  let calls = 0
  emitter.on('closed', () => void (calls += 1))
  emitter.clear()
  emitter.emit('closed', undefined)
  emitter.emit('opened', { id: 1 })
  expect(calls).toBe(0)
})

test('errors of handlers are collected also when the action fails', async () => {
  const emitter = new Emitter<Events>()
  emitter.on('closed', () => {
    throw new Error('handler')
  })
  const failing = handlerErrorsIn(async () => {
    emitter.emit('closed', undefined)
    throw new Error('action')
  })
  await expect(failing).rejects.toThrow('action')
})

test('a handler that is called by itself gets all arguments and does not disturb the caller either', async () => {
  const given: unknown[] = []
  const handler = (text: string, number: number): void => {
    given.push(text, number)
    throw new Error('handler')
  }
  const errors = await handlerErrorsIn(() => {
    callHandler(handler, 'text', 7)
    given.push('caller')
  })
  expect(given).toEqual(['text', 7, 'caller'])
  expect(errors).toEqual([new Error('handler')])
})
