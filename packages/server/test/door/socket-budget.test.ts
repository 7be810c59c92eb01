import { DEFAULT_LIMITS } from '@conclave/server'
import { expect, test } from 'vitest'
import { SocketBudget } from '../../src/door/socket-budget.ts'
import type { BudgetSocket, SocketRule } from '../../src/door/socket-budget.ts'

class FakeSocket implements BudgetSocket {
  isAsking = false
  isWaiting = false
  leftBytes = 0
  isDestroyed = false

  destroy(): void {
    this.isDestroyed = true
  }
}

function createBudget(limits = {}): {
  budget: SocketBudget
  rules: SocketRule[]
  open(address: string | undefined, nowMs?: number): FakeSocket
} {
  const rules: SocketRule[] = []
  const budget = new SocketBudget({ ...DEFAULT_LIMITS, ...limits }, (rule) => rules.push(rule))
  return {
    budget,
    rules,
    open: (address, nowMs = 0) => {
      const socket = new FakeSocket()
      budget.open(socket, { address, nowMs })
      return socket
    },
  }
}

test('[H40] an address has so many connections that are no WebSockets, whatever its last 64 bits', () => {
  const { budget, rules, open } = createBudget({ socketsPerAddress: 2 })
  const sockets = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((address) => open(address))
  expect(sockets.map(({ isDestroyed }) => isDestroyed)).toEqual([false, false, true])
  expect(open('192.0.2.1').isDestroyed).toBe(false)
  budget.close(sockets[0] as FakeSocket)
  expect(open('2001:db8::4').isDestroyed).toBe(false)
  expect(rules).toEqual(['sockets-of-address'])
})

test('[H40] of all connections one that is too many takes the place of the oldest of the address that has most', () => {
  const { budget, rules, open } = createBudget({ sockets: 4 })
  const alice = open('192.0.2.1')
  const mallory = [1, 2, 3].map(() => open('192.0.2.66'))
  expect(open('192.0.2.2').isDestroyed).toBe(false)
  expect(mallory.map(({ isDestroyed }) => isDestroyed)).toEqual([true, false, false])
  expect(alice.isDestroyed).toBe(false)
  expect(budget.size).toBe(4)
  expect(rules).toEqual(['sockets'])
})

test('[H40] connections of a proxy are counted together only', () => {
  const { open } = createBudget({ socketsPerAddress: 1 })
  expect([open(undefined), open(undefined)].map(({ isDestroyed }) => isDestroyed)).toEqual([
    false,
    false,
  ])
})

test('[H41] a connection that asks nothing for 10 s, or takes nothing of an answer for 10 s, is ended by the clock', () => {
  const { budget, rules, open } = createBudget()
  const silent = open('192.0.2.1')
  const idle = open('192.0.2.1')
  const stalled = open('192.0.2.1')
  const slow = open('192.0.2.1')
  for (const socket of [idle, stalled, slow]) socket.isAsking = true
  for (const socket of [stalled, slow]) socket.isWaiting = true
  for (let second = 1; second <= 11; second += 1) {
    slow.leftBytes += 1
    budget.sweep(second * 1000)
  }
  expect([silent, idle, stalled, slow].map(({ isDestroyed }) => isDestroyed)).toEqual([
    true,
    false,
    true,
    false,
  ])
  expect(rules.toSorted()).toEqual(['silent', 'stalled'])
  expect(budget.size).toBe(2)
})
