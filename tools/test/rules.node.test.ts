import { expect, test } from 'vitest'
import { findRuleProblems } from '../checks/rules.ts'

const chapter = { path: 'spec/x.md', text: '# X\n\n**X1.** One.\n\n- **X2.** Two.\n' }
/** Titles are put together here, so that the checker does not take this file for a user of rules. */
const title = (rules: string): string => `test('[${rules}] a title', f)`
const covered = { path: 'x.test.ts', text: `${title('X1')}; ${title('X1, X2')}` }

test('says nothing when every rule has a test', () => {
  expect(findRuleProblems({ chapters: [chapter], tests: [covered], sources: [] })).toEqual([])
})

test('names a rule without a test', () => {
  const tests = [{ path: 'x.test.ts', text: title('X2') }]
  expect(findRuleProblems({ chapters: [chapter], tests, sources: [] })).toEqual([
    'spec/x.md: no test names the rule X1',
  ])
})

test('does not take a rule that stands elsewhere in a test for its title', () => {
  const tests = [covered, { path: 'y.test.ts', text: '// [X9] said in passing\nconst a = b[X9]' }]
  expect(findRuleProblems({ chapters: [chapter], tests, sources: [] })).toEqual([])
})

test('names a rule that a test or a source invents, and one that stands twice', () => {
  const problems = findRuleProblems({
    chapters: [chapter, { path: 'spec/y.md', text: '**X1.** Again.' }],
    tests: [covered, { path: 'y.test.ts', text: title('Y1').replaceAll("'", '`') }],
    sources: [{ path: 'y.ts', text: '/** As spec Y2 says. */' }],
  })
  expect(problems).toEqual([
    'spec/y.md: rule X1 stands in spec/x.md already',
    'y.test.ts: no chapter has the rule Y1',
    'y.ts: cites the rule Y2, which no chapter has',
  ])
})
