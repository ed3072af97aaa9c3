/**
 * The Markdown pages of the repository as TypeDoc wants them, in a folder of their own: with a title for the navigation, and
 * links to code as links to text files, which every browser shows. The index has no heading: TypeDoc gives it one.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** Pages by the name of their group on the site; the README is the index. */
export const GROUPS = {
  Guides: ['docs'],
  Environments: ['envs'],
  Examples: ['examples'],
  Project: ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'NOTICE.md', 'shaders/README.md'],
}
const INDEX = 'README.md'
const LINK = /(!?\[[^\]]*\]\()([^)\s#]+)(#[^)\s]*)?(\))/g
const IMAGE = /\.(webp|png|svg|gif)$/

/** All Markdown files below a path, the path itself where it is one. */
function markdownIn(root, path) {
  if (path.endsWith('.md')) return existsSync(join(root, path)) ? [path] : []
  return readdirSync(join(root, path), { recursive: true })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(path, name))
    .sort()
}

/**
 * Writes all pages to `folder`. Returns the index and the documents, by their paths there.
 * @throws Error for a link to what is not there, or to a folder.
 */
export function stagePages(root, folder) {
  const documents = Object.entries(GROUPS).flatMap(([group, paths]) =>
    paths.flatMap((path) => markdownIn(root, path)).map((path) => ({ path, group })),
  )
  const pages = [{ path: INDEX, group: null }, ...documents]
  for (const { path, group } of pages) {
    const text = readFileSync(join(root, path), 'utf8')
    const [heading, title] = text.match(/^# (.+)\n+/m) ?? fail(`${path}: has no heading. Begin it with "# ".`)
    const content = text.replace(LINK, (link, before, target, anchor = '', after) => {
      if (/^[a-z]+:/.test(target)) return link
      const file = relative(root, resolve(root, dirname(path), target))
      if (!existsSync(join(root, file))) fail(`${path}: links to ${target}, which is not there.`)
      if (statSync(join(root, file)).isDirectory()) {
        // A site has no lists of folders; most have a page.
        if (!existsSync(join(root, file, 'README.md')))
          fail(`${path}: links to the folder ${target}. Link to a file in it.`)
        return `${before}${target.replace(/\/?$/, '/README.md')}${anchor}${after}`
      }
      const isPage = pages.some((page) => page.path === file)
      if (isPage) return link
      const copy = IMAGE.test(file) ? file : `${file}.txt`
      mkdirSync(dirname(join(folder, copy)), { recursive: true })
      cpSync(join(root, file), join(folder, copy))
      return `${before}${IMAGE.test(file) ? target : `${target}.txt`}${after}`
    })
    const front = group ? `---\ntitle: ${JSON.stringify(title.replaceAll('`', ''))}\ngroup: ${group}\n---\n\n` : ''
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), group ? front + content : content.replace(heading, ''))
  }
  return { index: join(folder, INDEX), documents: documents.map(({ path }) => join(folder, path)) }
}

function fail(message) {
  throw new Error(message)
}
