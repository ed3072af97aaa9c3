/** How this program is started, for commands in messages: by npm in a checkout, by npx in an installed package. */
import { packageRoot } from '../checkout/root.js'

/** `npm run train -- --seed 1`, or `npx ppo-webgpu train --seed 1`. @param root Folder of this program's package. */
export const commandLine = (command: string, rest: string, root: string = packageRoot()): string =>
  /[\\/]node_modules[\\/]/.test(root) ? `npx ppo-webgpu ${command} ${rest}` : `npm run ${command} -- ${rest}`

/** A word, quoted if a shell would change it. */
export const quoted = (word: string): string =>
  /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
