/**
 * Removes the comments from WGSL that Vite inlines as text: a fifth of it, three times in the lab. Line numbers and the
 * linker's `//#import`s stay, so that a compiler error still names the author's line.
 */
import { readFileSync } from 'node:fs'

/** @param {string} source */
export const withoutComments = (source) =>
  // Inside a block comment, // is not a comment.
  source.includes('/*') ? source : source.replace(/[ \t]*\/\/(?!#).*$/gm, '')

/** A Vite plugin, for builds. */
export const bareWgsl = () => ({
  name: 'bare-wgsl',
  apply: 'build',
  enforce: 'pre',
  load(id) {
    const [file, query] = id.split('?')
    if (!file.endsWith('.wgsl') || query !== 'raw') return null
    return `export default ${JSON.stringify(withoutComments(readFileSync(file, 'utf8')))}`
  },
})

/**
 * A Vite plugin for the lab's page, whose Worker has the environments: the page itself only describes them. It needs no
 * twin, and asks of their WGSL only whether there is an `env_mask`.
 */
export const describedEnvs = () => ({
  name: 'described-envs',
  apply: 'build',
  enforce: 'pre',
  load(id) {
    const [file, query] = id.split('?')
    if (query !== 'raw' || !/\/envs\/[^?]+\.wgsl$/.test(file)) return null
    const source = withoutComments(readFileSync(file, 'utf8'))
    return `export default ${JSON.stringify(source.includes('fn env_mask') ? source : '')}`
  },
  transform(code, id) {
    // A line of its own in every description; what it names is then left out with it.
    return /\/envs\/[^?]+\.ts$/.test(id) ? { code: code.replace(/^ *twin: .+,$/gm, ''), map: null } : null
  },
})
