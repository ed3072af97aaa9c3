/** What `new-env` prints with `--json`. */
import type { Fields } from '../../cli/fields'

export interface NewEnvResult {
  folder: string
  files: string[]
  actions: 'discrete' | 'box'
}

export const NEW_ENV_FIELDS: Fields<NewEnvResult> = {
  folder: { type: 'text', help: 'The new folder.' },
  files: { type: 'list of texts', help: 'The files in it.' },
  actions: { type: 'text', help: '`discrete` or `box`.' },
}
