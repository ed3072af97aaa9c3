/**
 * `npm run docs`: dist/docs, a static site of the pages, the API reference, the lab, the gallery and the examples. Every
 * link in it is relative, so that it works below any path.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { plainPath } from '../vite/plainpath.js'
import { dist, root } from './files.js'
import { buildGallery } from './gallery.js'
import { buildLab } from './lab.js'
import { plainMessage } from './message.js'
import { stagePages } from './pages.js'

const site = join(dist, 'docs')
/** What a link begins with that counts from the top of the site. */
const TOP = 'site:'
/** The pages of examples/, each with a script that imports the library. */
const EXAMPLES = ['quickstart', 'pointmass', 'crawler']

/** A rising curve. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 14C7 14 7 3 15 2" fill="none" stroke="#06c" stroke-width="2"/></svg>`

/** A wide table scrolls, and stays below its page. */
const CSS = '.tsd-typography table { display: block; max-width: 100%; overflow-x: auto; }\n'

async function reference({ index, documents }, { icon, css }) {
  const { Application } = await import('typedoc')
  const app = await Application.bootstrap({
    name: 'ppo-webgpu',
    entryPoints: ['src/index.ts', 'src/policy.ts'].map((path) => join(root, path)),
    tsconfig: join(root, 'harness/tsconfig.types.json'),
    readme: index,
    projectDocuments: documents,
    favicon: icon,
    customCss: css,
    navigation: { includeGroups: true },
    out: site,
    // Its page finds its places by script; a link to one would lead nowhere without.
    includeHierarchySummary: false,
    disableSources: true,
    hideGenerator: true,
    includeVersion: true,
    excludeExternals: true,
    highlightLanguages: ['bash', 'javascript', 'json', 'python', 'typescript', 'wgsl'],
    navigationLinks: {
      Gallery: `${TOP}gallery/index.html`,
      Lab: `${TOP}lab/index.html`,
      ...Object.fromEntries(EXAMPLES.map((name) => [`Example: ${name}`, `${TOP}examples/${name}/index.html`])),
    },
    validation: { notExported: false, invalidLink: true, rewrittenLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
    logLevel: 'Warn',
  })
  const project = await app.convert()
  if (!project) throw new Error('TypeDoc: the entries could not be read; see above.')
  app.validate(project)
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc: has warnings; see above.')
}

/** `site:lab/` becomes the way from each page to there. */
function linkFromTop() {
  for (const name of readdirSync(site, { recursive: true })) {
    if (!name.endsWith('.html')) continue
    const file = join(site, name)
    const up = '../'.repeat(relative(site, file).split(sep).length - 1)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`"${TOP}`, `"${up}`))
  }
}

async function buildExamples() {
  const { build } = await import('vite')
  const { path, isLink, close } = plainPath(root)
  if (isLink) process.env.PPO_WEBGPU_LINK = path // for vite.config.ts
  try {
    for (const name of EXAMPLES) {
      await build({
        root: join(path, 'examples', name),
        configFile: join(path, 'vite.config.ts'),
        logLevel: 'warn',
        build: { outDir: join(site, 'examples', name), emptyOutDir: true },
      })
    }
  } finally {
    close()
  }
}

export async function buildDocs() {
  const staging = mkdtempSync(join(tmpdir(), 'ppo-webgpu-docs-'))
  try {
    const icon = join(staging, 'icon.svg')
    const css = join(staging, 'site.css')
    writeFileSync(icon, ICON)
    writeFileSync(css, CSS)
    await reference(stagePages(root, staging), { icon, css })
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  linkFromTop()
  await buildLab()
  cpSync(join(dist, 'lab'), join(site, 'lab'), { recursive: true })
  await buildExamples()
  await buildGallery()
  const pages = readdirSync(site, { recursive: true }).filter((name) => name.endsWith('.html')).length
  console.log(
    `Built ${pages} pages in ${site}: the documents, the API reference, the lab, the gallery and ${EXAMPLES.length} examples.\n` +
      `Serve the folder with any static server, for example: npx vite preview --outDir dist/docs`,
  )
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await buildDocs()
  } catch (error) {
    console.error(plainMessage(error))
    process.exitCode = 1
  }
}
