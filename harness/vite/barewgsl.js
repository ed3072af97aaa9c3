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
