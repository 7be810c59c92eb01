import { expect, test } from 'vitest'
import { importedPackages } from '../checks/imports.ts'

test('finds packages in every form of import, and nothing else', () => {
  const source = `
    import { a } from '@conclave/wire'
    import type { B } from '@conclave/e2ee/errors'
    import 'side-effect'
    export * from "sirv/deep"
    import { c } from './near.ts'
    /** import { d } from 'documentation' */
    // import { e } from 'comment'
    const f = await import('ws')
    const g = await import('node:fs')
    const h = [take('from', other), take('from | import')]
  `
  expect(importedPackages(source)).toEqual([
    '@conclave/wire',
    '@conclave/e2ee',
    'side-effect',
    'sirv',
    'ws',
    'node:fs',
  ])
})
