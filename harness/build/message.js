import { stripVTControlCharacters } from 'node:util'

/** An error's message without the bundler's colours. */
export const plainMessage = (error) => stripVTControlCharacters(error instanceof Error ? error.message : String(error))
