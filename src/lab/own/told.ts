/** What the server of `npm start -- --env FILE` tells the page of the file. */

/** Where the page asks; the code is a module, at `OWN_CODE?v=VERSION`. */
export const OWN_STATE = 'own-env.json'
export const OWN_CODE = 'own-env.js'
/** The message that there is something new, with a `Told`. */
export const OWN_EVENT = 'ppo-webgpu:own-env'

export interface Told {
  /** Grows with every save. */
  version: number
  /** As it was given: `./my/spec.ts`. */
  file: string
  /** Which export; null: the only one. */
  name: string | null
  /** What is wrong with it, with file and line; null: nothing. */
  error: string | null
}
