/** The contract finds the faults that it is there for. */
import { expect, test } from 'vitest'
import { namespaceKey } from '@conclave/p2p'
import type { Driver } from '@conclave/p2p'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { driverContract } from '@conclave/p2p/testing'

/** The titles of the cases that fail. */
const failures = async (
  connect: () => readonly [Driver, Driver],
  hearsItself = true,
): Promise<readonly string[]> => {
  const factory = { connect, close: () => undefined, hearsItself, patienceMs: 50 }
  const failed: string[] = []
  for (const { title, run } of driverContract(factory)) {
    await run().catch(() => failed.push(title))
  }
  return failed
}

/** Two memory drivers, each with functions replaced. */
const changed = (change: (driver: Driver) => Partial<Driver>) => (): readonly [Driver, Driver] => {
  const bus = new MemoryBus()
  const create = (): Driver => {
    const driver = new MemoryDriver(bus)
    return {
      on: (namespace, handler) => driver.on(namespace, handler),
      off: (namespace, handler) => driver.off(namespace, handler),
      emit: (namespace, message) => driver.emit(namespace, message),
      ...change(driver),
    }
  }
  return [create(), create()]
}

test('[S2] a sound driver passes', async () => {
  expect(await failures(changed(() => ({})))).toEqual([])
})

test.each([':', '.', ''])('[S1] a driver that joins elements by "%s" is found', async (by) => {
  const joining = changed((driver) => ({
    on: (namespace, handler) => driver.on([namespace.join(by)], handler),
    off: (namespace, handler) => driver.off([namespace.join(by)], handler),
    emit: (namespace, message) => driver.emit([namespace.join(by)], message),
  }))
  expect(await failures(joining)).toEqual(['no character joins or splits elements'])
})

test('[S1] a driver that looks at the first element only is found', async () => {
  const colliding = changed((driver) => ({
    on: ([role = ''], handler) => driver.on([role], handler),
    off: ([role = ''], handler) => driver.off([role], handler),
    emit: ([role = ''], message) => driver.emit([role], message),
  }))
  expect(await failures(colliding)).toContain('a message stays in its namespace')
})

test('[S2] a driver that lets a message overtake another is found', async () => {
  const overtaking = changed((driver) => {
    let held: (() => void) | undefined
    return {
      emit: (namespace, message) => {
        const send = (): void => void driver.emit(namespace, message)
        if ((message as { readonly index?: number }).index === 3) {
          held = send
          return
        }
        send()
        held?.()
        held = undefined
      },
    }
  })
  expect(await failures(overtaking)).toEqual(['messages keep their order'])
})

test('[S2] a driver that gives all handlers the same object is found', async () => {
  const sharing = (): readonly [Driver, Driver] => {
    const handlersByKey = new Map<string, Set<(message: unknown) => void>>()
    const create = (): Driver => ({
      on: (namespace, handler) => {
        const key = namespaceKey(namespace)
        handlersByKey.set(key, (handlersByKey.get(key) ?? new Set()).add(handler))
      },
      off: (namespace, handler) => {
        handlersByKey.get(namespaceKey(namespace))?.delete(handler)
      },
      emit: (namespace, message) => {
        const copy = structuredClone(message)
        for (const handler of handlersByKey.get(namespaceKey(namespace)) ?? []) handler(copy)
      },
    })
    return [create(), create()]
  }
  expect(await failures(sharing)).toEqual(['each handler has a copy of its own'])
})

test('[S2] the contract finds a driver whose off does nothing', async () => {
  expect(await failures(changed(() => ({ off: () => undefined })))).toEqual([
    'a handler that was taken off hears nothing',
  ])
})

test('[S2] a driver that hears itself and does not say so is found', async () => {
  expect(
    await failures(
      changed(() => ({})),
      false,
    ),
  ).toEqual(['an endpoint hears itself only if it says so'])
})
