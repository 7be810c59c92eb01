/**
 * Makes pages about the API: `node pages.mjs JOBS`. `JOBS` is a JSON file with the entries, each with its name and its source
 * file, and the folder to write. Prints a JSON array of complaints: of the generator, and of links that lead nowhere.
 * Plain JavaScript, because the types of the generator are installed here only.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Application, Converter, LogLevel } from 'typedoc'

const { folder, entries } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const complaints = []

const app = await Application.bootstrap({
  entryPoints: entries.map(({ source }) => source),
  tsconfig: join(import.meta.dirname, 'tsconfig.json'),
  name: 'Conclave',
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  skipErrorChecking: true,
  validation: { invalidLink: true, notExported: false, notDocumented: false },
})
app.logger.log = (message, level) => {
  if (level === LogLevel.Error || level === LogLevel.Warn) complaints.push(message)
}
// An options object that a signature takes apart is called `options` in comments.
app.converter.on(Converter.EVENT_CREATE_PARAMETER, (_context, parameter) => {
  if (parameter.name === '__namedParameters') parameter.name = 'options'
})
const project = await app.convert()
if (project === undefined) complaints.push('the sources could not be read')
else {
  // A page is about an entry as an application imports it, and not about a file.
  for (const module of project.children ?? []) {
    const file = project.getSymbolIdFromReflection(module)?.fileName
    const entry = entries.find(({ source }) => source === file)
    if (entry === undefined) complaints.push(`${module.name} describes no entry`)
    else module.name = entry.specifier
  }
  app.validate(project)
  await app.generateDocs(project, folder)
  complaints.push(...findDeadLinks())
}
console.log(JSON.stringify(complaints))

/** Links between the pages, and to headings in them. */
function findDeadLinks() {
  const pages = globSync('**/*.html', { cwd: folder })
  const idsByPage = new Map(
    pages.map((page) => {
      const text = readFileSync(join(folder, page), 'utf8')
      return [page, new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id))]
    }),
  )
  return pages.flatMap((page) => {
    const text = readFileSync(join(folder, page), 'utf8')
    return [...text.matchAll(/<a[^>]*\shref="([^"]+)"/g)].flatMap(([, href]) => {
      if (/^[a-z]+:/.test(href)) return []
      const [path, id] = href.split('#')
      const target = path === '' ? page : relative(folder, join(folder, dirname(page), path))
      if (!existsSync(join(folder, target))) return [`${page}: the link ${href} leads nowhere`]
      const ids = idsByPage.get(target)
      return id && ids && !ids.has(decodeURIComponent(id))
        ? [`${page}: the link ${href} leads to no heading`]
        : []
    })
  })
}
