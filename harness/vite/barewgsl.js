/**
 * Leaves the comments out of WGSL that Vite inlines as text: a fifth of it, three times in the lab. Lines stay where they
 * are, and so do the linker's `//#import`s, so that an error of the compiler still names the author's line.
 */
import { readFileSync } from 'node:fs'

/** @param {string} source */
export const withoutComments = (source) =>
  // In a block comment, // is no comment of its own.
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
