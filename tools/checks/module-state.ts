/**
 * No state lives in a module (A8): the composition root makes everything, so that two rooms on a page, or two copies of
 * a package, share nothing. At the top of a module stands no `let`, no container that is not typed as read-only, and
 * no constant that the file changes; no class has a static field that could be assigned.
 *
 * A cache that is collected with the objects it belongs to, and the main program of a worker, say why they may:
 * `Module state: reason` in the comment above.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, Visitor, type ESTree } from 'vite'
import { root } from '../prepare.mjs'

/** Instances that hold nothing which could change, or bytes, whose changes are looked for. */
const CONSTANT_CLASSES = /^(?:TextEncoder|TextDecoder|URL|RegExp|Uint8Array|Intl\.\w+)$/
const READ_ONLY = /^:\s*(?:Readonly|readonly )/
const CHANGING_METHODS =
  /^(?:push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|set|add|delete|clear|append)$/

/** Lists the state in the modules of packages and apps, one sentence each. */
export function checkModuleState(): string[] {
  return globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })
    .toSorted()
    .flatMap((path) => findModuleState(path, readFileSync(join(root, path), 'utf8')))
}

/** Lists the state of one module, one sentence each. */
export function findModuleState(path: string, source: string): string[] {
  const { program, comments } = parseSync(path, source)
  const problems: string[] = []
  const changed = changedNames(program)
  const textOf = ({ start, end }: ESTree.Span): string => source.slice(start, end)
  for (const statement of program.body) {
    const declaration =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    const comment = comments.findLast(({ end }) => end <= statement.start)
    const isBeside = comment !== undefined && !/\S/.test(source.slice(comment.end, statement.start))
    if (isBeside && /\bModule state: \w/.test(comment.value)) continue
    const line = source.slice(0, statement.start).split('\n').length
    const report = (what: string): unknown =>
      problems.push(`${path}:${line}: ${what} at the top of a module`)
    const checkInstance = (name: string, { typeAnnotation, value }: Constant): void => {
      const isReadOnly = typeAnnotation && READ_ONLY.test(textOf(typeAnnotation))
      if (value?.type !== 'NewExpression' || isReadOnly === true) return
      const made = textOf(value.callee)
      if (!CONSTANT_CLASSES.test(made)) report(`${name}, a new ${made} that is not read-only,`)
    }
    if (declaration?.type === 'VariableDeclaration' && declaration.declare !== true) {
      if (declaration.kind !== 'const') report(`a ${declaration.kind}`)
      for (const { id, init } of declaration.declarations) {
        const name = textOf(id).split(':')[0] ?? ''
        checkInstance(name, { typeAnnotation: id.typeAnnotation, value: init })
        if (changed.has(name)) report(`${name}, which this file changes,`)
      }
    }
    if (declaration?.type === 'ClassDeclaration') {
      for (const member of declaration.body.body) {
        if (member.type !== 'PropertyDefinition' || !member.static) continue
        const name = `the static field ${textOf(member.key)}`
        if (member.readonly !== true) report(`${name}, which is not readonly,`)
        checkInstance(name, member)
      }
    }
  }
  return problems
}

interface Constant {
  readonly typeAnnotation?: ESTree.Span | null | undefined
  readonly value: ESTree.Expression | null
}

/** Names whose properties are assigned, or on which something is called that changes it. */
const changedNames = (program: ESTree.Program): Set<string> => {
  const names = new Set<string>()
  const add = (target: ESTree.Node): void => {
    if (target.type === 'MemberExpression' && target.object.type === 'Identifier')
      names.add(target.object.name)
  }
  new Visitor({
    AssignmentExpression: ({ left }) => add(left),
    UpdateExpression: ({ argument }) => add(argument),
    UnaryExpression: ({ operator, argument }) => {
      if (operator === 'delete') add(argument)
    },
    CallExpression: ({ callee }) => {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      if (CHANGING_METHODS.test(callee.property.name)) add(callee)
    },
  }).visit(program)
  return names
}
